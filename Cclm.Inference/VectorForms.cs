using System.Collections;
using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>Vectors in less space. Their cosines are about those of the vectors.</summary>
public static class VectorForms
{
    /// <summary>Two bytes a number: cosines differ by less than 0.001.</summary>
    /// <returns>[D]</returns>
    public static Half[] ToHalf(ReadOnlySpan<float> vector)
    {
        var halves = new Half[vector.Length];
        TensorPrimitives.ConvertToHalf(vector, halves);
        return halves;
    }

    /// <summary>One byte a number: the largest is 127 or -127, the others in proportion. Cosines differ by about 0.01; lengths are not kept.</summary>
    /// <returns>[D]; all zero where the vector is.</returns>
    public static sbyte[] ToInt8(ReadOnlySpan<float> vector)
    {
        var bytes = new sbyte[vector.Length];
        var largest = vector.IsEmpty ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude(vector));
        for (var i = 0; largest > 0 && i < bytes.Length; i++)
        {
            bytes[i] = (sbyte)MathF.Round(vector[i] / largest * sbyte.MaxValue);
        }
        return bytes;
    }

    /// <summary>One bit a number: whether it is above 0. The share of the bits in which two differ grows with the angle between them (Charikar 2002).</summary>
    /// <returns>[D] bits.</returns>
    public static BitArray ToBinary(ReadOnlySpan<float> vector)
    {
        var bits = new BitArray(vector.Length);
        for (var i = 0; i < vector.Length; i++)
        {
            bits[i] = vector[i] > 0;
        }
        return bits;
    }
}
