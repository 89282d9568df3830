using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The elements of a tensor as numbers.</summary>
static class TensorNumbers
{
    /// <summary>Null for what is no number of 8 bits or more.</summary>
    /// <exception cref="OnnxModelException">The data lie in another file.</exception>
    public static double[]? Of(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float => Read<float>(tensor, x => x),
        DataType.Double => Read<double>(tensor, x => x),
        DataType.Float16 => Read<Half>(tensor, x => (double)x),
        DataType.Bfloat16 => Read<ushort>(tensor, x => BitConverter.UInt32BitsToSingle((uint)x << 16)),
        DataType.Int8 => Read<sbyte>(tensor, x => x),
        DataType.Uint8 or DataType.Bool => Read<byte>(tensor, x => x),
        DataType.Int16 => Read<short>(tensor, x => x),
        DataType.Uint16 => Read<ushort>(tensor, x => x),
        DataType.Int32 => Read<int>(tensor, x => x),
        DataType.Uint32 => Read<uint>(tensor, x => x),
        DataType.Int64 => Read<long>(tensor, x => x),
        DataType.Uint64 => Read<ulong>(tensor, x => x),
        _ => null,
    };

    static double[] Read<T>(TensorProto tensor, Func<T, double> number) where T : unmanaged
    {
        var elements = MemoryMarshal.Cast<byte, T>(TensorData.Bytes(tensor).Span);
        var numbers = new double[elements.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = number(elements[i]);
        }
        return numbers;
    }
}
