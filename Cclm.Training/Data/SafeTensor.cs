namespace Cclm.Training.Data;

/// <summary>One tensor as a safetensors file holds it: plain bytes with a name, an element type and a shape.</summary>
/// <param name="Name">The tensor's key in the file; unique, of any characters.</param>
/// <param name="DType">The format's name of the element type, such as <c>F32</c> or <c>I64</c>.</param>
/// <param name="Shape">The dimensions, outermost first; empty for a scalar.</param>
/// <param name="Data">The elements in row-major order, little-endian, without gaps.</param>
public sealed record SafeTensor(string Name, string DType, long[] Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Element types with their size in bytes, in the format's own order: never a wider one before a narrower.</summary>
    static readonly (string Name, int Size)[] Types =
    [
        ("BOOL", 1), ("U8", 1), ("I8", 1), ("F8_E5M2", 1), ("F8_E4M3", 1), ("I16", 2), ("U16", 2), ("F16", 2), ("BF16", 2),
        ("I32", 4), ("U32", 4), ("F32", 4), ("F64", 8), ("I64", 8), ("U64", 8),
    ];

    /// <summary>The place of an element type among all; tensors of the widest are written first, so that each one is aligned.</summary>
    internal static int Rank(string dtype) => Array.FindIndex(Types, type => type.Name == dtype);

    /// <summary>What is wrong with a tensor of that type, shape and number of bytes, as the end of a sentence about it; null when nothing is.</summary>
    internal static string? Problem(string dtype, IReadOnlyList<long> shape, long bytes)
    {
        if (Rank(dtype) is var rank && rank < 0)
        {
            return $"has the element type '{dtype}'; expected one of {string.Join(", ", Types.Select(type => type.Name))}.";
        }
        Int128 expected = Types[rank].Size;
        foreach (var dimension in shape)
        {
            expected *= dimension;
            if (dimension < 0 || expected > long.MaxValue)
            {
                return $"has the shape [{string.Join(", ", shape)}]; expected dimensions of 0 or more whose product fits in a file.";
            }
        }
        return bytes == expected ? null
            : $"has {bytes} bytes of data; its type {dtype} and shape [{string.Join(", ", shape)}] need {expected}.";
    }
}
