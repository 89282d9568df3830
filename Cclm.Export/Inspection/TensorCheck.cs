using System.Numerics;
using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The rules of a stored tensor: a known type, a shape that its data fills, and only numbers.</summary>
static class TensorCheck
{
    /// <summary>What is wrong with it; null for a sound one. Data in other files is not read.</summary>
    public static string? Problem(TensorProto tensor)
    {
        var title = $"initializer '{tensor.Name}' ({OnnxValues.Describe(tensor)})";
        var type = (DataType)tensor.DataType;
        if (!Enum.IsDefined(type) || type == DataType.Undefined)
        {
            return $"{title} has an unknown element type.";
        }
        if (ElementType.Count(tensor.Dims.ToArray()) is not { } count)
        {
            return $"{title} has an impossible shape.";
        }
        if (tensor.DataLocation == DataLocation.External)
        {
            return null;
        }
        return tensor.HasRawData ? RawProblem(tensor, type, title) : TypedProblem(tensor, type, count, title);
    }

    static string? RawProblem(TensorProto tensor, DataType type, string title)
    {
        var expected = ElementType.ByteLength(type, tensor.Dims.ToArray());
        if (expected != tensor.RawData.Length)
        {
            return $"{title} has {tensor.RawData.Length} bytes of data; expected {(expected is null ? "none in this form" : expected)}.";
        }
        var data = tensor.RawData.Span;
        return type switch
        {
            DataType.Float => NotFinite(title, MemoryMarshal.Cast<byte, float>(data)),
            DataType.Double => NotFinite(title, MemoryMarshal.Cast<byte, double>(data)),
            DataType.Float16 => NotFinite(title, MemoryMarshal.Cast<byte, Half>(data)),
            _ => null,
        };
    }

    static string? TypedProblem(TensorProto tensor, DataType type, long count, string title)
    {
        var (found, each) = type switch
        {
            DataType.Float => (tensor.FloatData.Count, 1),
            DataType.Complex64 => (tensor.FloatData.Count, 2),
            DataType.Double => (tensor.DoubleData.Count, 1),
            DataType.Complex128 => (tensor.DoubleData.Count, 2),
            DataType.Int64 => (tensor.Int64Data.Count, 1),
            DataType.Uint32 or DataType.Uint64 => (tensor.Uint64Data.Count, 1),
            DataType.String => (tensor.StringData.Count, 1),
            _ when ElementType.Bits(type) >= 8 => (tensor.Int32Data.Count, 1),
            _ => (-1, 1),       // several elements to a number
        };
        if (found >= 0 && found != count * each)
        {
            return $"{title} has {found} numbers of data; expected {count * each}.";
        }
        return NotFinite(title, tensor.FloatData.ToArray()) ?? NotFinite(title, tensor.DoubleData.ToArray());
    }

    static string? NotFinite<T>(string title, ReadOnlySpan<T> values) where T : unmanaged, IFloatingPoint<T>
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                return $"{title} has {values[i]} at element {i}; expected finite numbers. Was the training stopped by a loss that diverged?";
            }
        }
        return null;
    }
}
