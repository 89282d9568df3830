using System.Globalization;
using Google.Protobuf;
using Onnx;
using static Onnx.AttributeProto.Types;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The ONNX messages for plain .NET values.</summary>
static class OnnxValues
{
    /// <summary>A tensor with its elements as little-endian bytes.</summary>
    /// <exception cref="ArgumentException">The bytes do not fill the shape.</exception>
    public static TensorProto Tensor(string name, DataType type, ReadOnlySpan<byte> data, params ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        if (name.Length > 0)
        {
            tensor.Name = name;
        }
        tensor.Dims.AddRange(shape);
        if (ElementType.ByteLength(type, shape) is { } expected && expected != data.Length)
        {
            throw new ArgumentException($"Tensor '{name}' has {data.Length} bytes, but {Describe(tensor)} takes {expected}.", nameof(data));
        }
        return tensor;
    }

    public static AttributeProto Attribute(string name, object value) => value switch
    {
        float f => new() { Name = name, Type = AttributeType.Float, F = f },
        long i => new() { Name = name, Type = AttributeType.Int, I = i },
        int i => new() { Name = name, Type = AttributeType.Int, I = i },
        bool b => new() { Name = name, Type = AttributeType.Int, I = b ? 1 : 0 },
        DataType type => new() { Name = name, Type = AttributeType.Int, I = (long)type },
        string s => new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(s) },
        TensorProto t => new() { Name = name, Type = AttributeType.Tensor, T = t },
        GraphProto g => new() { Name = name, Type = AttributeType.Graph, G = g },
        long[] xs => new() { Name = name, Type = AttributeType.Ints, Ints = { xs } },
        float[] xs => new() { Name = name, Type = AttributeType.Floats, Floats = { xs } },
        string[] xs => new() { Name = name, Type = AttributeType.Strings, Strings = { xs.Select(ByteString.CopyFromUtf8) } },
        _ => throw new NotSupportedException($"Attribute '{name}' has a value of type {value.GetType().Name}; expected a number, string, " +
            "TensorProto, GraphProto, DataType, or an array of long, float or string."),
    };

    /// <summary>An edge's name, type and shape; a dimension is a number or a name.</summary>
    public static ValueInfoProto Info(string name, DataType type, params ReadOnlySpan<string> dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
        {
            shape.Dim.Add(long.TryParse(dim, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = dim });
        }
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }

    /// <summary>Type and shape in words, such as <c>float[B,T,64]</c>.</summary>
    public static string Describe(TypeProto? type) => type?.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType when type.TensorType.Shape is { } shape =>
            $"{ElementType.Name(type.TensorType.ElemType)}[{string.Join(',', shape.Dim.Select(Describe))}]",
        TypeProto.ValueOneofCase.TensorType => $"{ElementType.Name(type.TensorType.ElemType)} of any shape",
        null or TypeProto.ValueOneofCase.None => "of unknown type",
        var other => other.ToString()!.ToLowerInvariant().Replace("type", " type", StringComparison.Ordinal),
    };

    /// <inheritdoc cref="Describe(TypeProto)"/>
    public static string Describe(TensorProto tensor) => $"{ElementType.Name(tensor.DataType)}[{string.Join(',', tensor.Dims)}]";

    public static string Describe(TensorShapeProto.Types.Dimension dim) => dim.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => dim.DimValue.ToString(CultureInfo.InvariantCulture),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam => dim.DimParam,
        _ => "?",
    };
}
