using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>What is known of the tensor on an edge before anything is run.</summary>
/// <param name="Element">The type of its elements; Undefined where it is not known, or where the edge holds no tensor.</param>
/// <param name="Shape">Its dimensions; null where not even their number is known.</param>
/// <param name="Values">Its elements, of a scalar or short vector of integers such as a shape; null for all others.</param>
sealed record EdgeType(DataType Element, Dim[]? Shape, Dim[]? Values = null)
{
    /// <summary>The most dimensions of a shape, and elements of a vector, that are followed.</summary>
    public const int Most = 64;

    /// <summary>Nothing is known.</summary>
    public static readonly EdgeType Unknown = new(DataType.Undefined, null);

    /// <summary>What a model declares.</summary>
    /// <param name="type">The declaration.</param>
    /// <param name="sizes">Numbers for symbolic dimensions.</param>
    public static EdgeType Of(TypeProto? type, IReadOnlyDictionary<string, long> sizes)
    {
        if (type?.TensorType is not { } tensor)
        {
            return Unknown;
        }
        var element = Enum.IsDefined((DataType)tensor.ElemType) ? (DataType)tensor.ElemType : DataType.Undefined;
        return new(element, Followed(tensor.Shape?.Dim.Select(dim => dim switch
        {
            { HasDimValue: true } => dim.DimValue,
            { DimParam.Length: > 0 } => sizes.TryGetValue(dim.DimParam, out var size) ? size : new Dim(dim.DimParam, 0),
            _ => default,
        })));
    }

    /// <summary>A stored tensor.</summary>
    public static EdgeType Of(TensorProto tensor) =>
        new((DataType)tensor.DataType, Followed(tensor.Dims.Select(dim => (Dim)dim)), ValuesOf(tensor));

    /// <summary>A shape as it is followed: not at all where it has too many dimensions, and without negative numbers.</summary>
    public static Dim[]? Followed(IEnumerable<Dim>? shape) =>
        shape?.Take(Most + 1).Select(dim => dim.Number < 0 ? default : dim).ToArray() is { Length: <= Most } dims ? dims : null;

    /// <summary>The type as a message; null where the element type is not known, without which there is none.</summary>
    public TypeProto? ToProto()
    {
        if (Element == DataType.Undefined)
        {
            return null;
        }
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)Element };
        if (Shape is not null)
        {
            tensor.Shape = new() { Dim = { Shape.Select(ToProto) } };
        }
        return new() { TensorType = tensor };
    }

    static TensorShapeProto.Types.Dimension ToProto(Dim dim) => dim switch
    {
        { Number: { } size } => new() { DimValue = size },
        { Symbol: { } symbol, Constant: 0 } => new() { DimParam = symbol },
        _ => new(),
    };

    static Dim[]? ValuesOf(TensorProto tensor)
    {
        var count = ElementType.Count(tensor.Dims.ToArray());
        if (tensor.Dims.Count > 1 || count is null or > Most || tensor.DataLocation == DataLocation.External)
        {
            return null;
        }
        Dim[]? values = (DataType)tensor.DataType switch
        {
            DataType.Int64 => [.. MemoryMarshal.Cast<byte, long>(TensorData.Bytes(tensor).Span)],
            DataType.Int32 => [.. MemoryMarshal.Cast<byte, int>(TensorData.Bytes(tensor).Span)],
            _ => null,
        };
        return values?.Length == count ? values : null;
    }
}
