using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>Brings vectors to mean 0 and variance 1 in each dimension over a corpus, and to length 1.</summary>
/// <remarks>
/// What all texts of a corpus have in common makes each cosine nearly 1 and tells none of them from another; without it the nearest
/// are found better (Mu and Viswanath 2018). Standardise what is searched and what is asked for alike. Safe to use from many threads.
/// </remarks>
public sealed class VectorStandardization
{
    const float Least = 1e-12f;                 // a dimension that is the same everywhere stays 0

    readonly float[] mean, scale;               // [D]

    /// <param name="vectors">The corpus: N vectors [D].</param>
    /// <exception cref="ArgumentException">There are none, or they are not of one length.</exception>
    public VectorStandardization(IReadOnlyList<float[]> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.Count == 0)
        {
            throw new ArgumentException("There are no vectors; expected those of the corpus that is searched.", nameof(vectors));
        }
        (mean, scale) = (new float[vectors[0].Length], new float[vectors[0].Length]);
        foreach (var vector in vectors)
        {
            Check(vector, nameof(vectors));
            TensorPrimitives.MultiplyAdd(vector, 1f / vectors.Count, mean, mean);
        }
        var difference = new float[mean.Length];
        foreach (var vector in vectors)
        {
            TensorPrimitives.Subtract(vector, mean, difference);
            TensorPrimitives.MultiplyAdd(difference, difference, scale, scale);
        }
        TensorPrimitives.Divide(scale, vectors.Count, scale);
        TensorPrimitives.Add(scale, Least, scale);
        TensorPrimitives.ReciprocalSqrt(scale, scale);
    }

    /// <summary>A vector, standardised as those of the corpus are.</summary>
    /// <param name="vector">[D]</param>
    /// <returns>[D], of length 1; all zero where it is the corpus's mean.</returns>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public float[] Apply(ReadOnlySpan<float> vector)
    {
        Check(vector, nameof(vector));
        var result = new float[vector.Length];
        TensorPrimitives.Subtract(vector, mean, result);
        TensorPrimitives.Multiply(result, scale, result);
        if (TensorPrimitives.Norm<float>(result) is > 0 and var length)
        {
            TensorPrimitives.Divide(result, length, result);
        }
        return result;
    }

    void Check(ReadOnlySpan<float> vector, string parameter)
    {
        if (vector.Length != mean.Length)
        {
            throw new ArgumentException($"A vector has {vector.Length} numbers; expected {mean.Length}, as the first of the corpus has.", parameter);
        }
    }
}
