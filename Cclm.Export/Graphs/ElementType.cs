using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>What the standard says of element types: their names and their width in raw data.</summary>
static class ElementType
{
    /// <summary>The type's name as the standard writes it, such as <c>float</c> or <c>int64</c>.</summary>
    public static string Name(int type) => Enum.IsDefined((DataType)type) ? ((DataType)type).ToString().ToLowerInvariant() : $"type {type}";

    /// <summary>Bits of one element in raw data; null for strings, which have no raw form, and for types this version does not know.</summary>
    public static int? Bits(DataType type) => type switch
    {
        DataType.Uint2 or DataType.Int2 => 2,
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.Bool or DataType.Uint8 or DataType.Int8 or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz
            or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        _ => null,
    };

    /// <summary>Bytes of a tensor in raw data; null where <see cref="Bits"/> is, or where the shape is negative or too large to count.</summary>
    public static long? ByteLength(DataType type, ReadOnlySpan<long> shape) =>
        Bits(type) is { } bits && Count(shape) is { } count && count <= (long.MaxValue - 7) / bits ? ((count * bits) + 7) / 8 : null;

    /// <summary>Elements of a shape; null where a dimension is negative or the product overflows.</summary>
    public static long? Count(ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var dim in shape)
        {
            if (dim < 0 || (dim > 0 && count > long.MaxValue / dim))
            {
                return null;
            }
            count *= dim;
        }
        return count;
    }
}
