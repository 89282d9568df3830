using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>How <see cref="VectorStandardization"/> gives vectors fewer dimensions, which have less in common.</summary>
public sealed record WhiteningOptions
{
    /// <summary>K, the dimensions that are left: those in which the corpus differs most.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>How far they are brought to the same variance: 0 is not at all, 1 is all the way. Likeness gains by more, search by little.</summary>
    public double Strength { get; init; } = 0.25;
}

/// <summary>Brings vectors to mean 0 and variance 1 in each dimension over a corpus, and to length 1.</summary>
/// <remarks>
/// What all texts of a corpus have in common makes each cosine nearly 1 and tells none of them from another; without it the nearest
/// are found better (Mu and Viswanath 2018). Whitened, vectors are shorter too: their dimensions are the principal components of
/// the corpus, the strongest of which count for less (Su et al. 2021). Standardise what is searched and what is asked for alike. Safe to use from many threads.
/// </remarks>
public sealed class VectorStandardization
{
    const float Least = 1e-12f;                 // the variance of a dimension that is the same everywhere, but for rounding; it stays 0
    const int MostRead = 20_000;                // vectors, evenly spread, that components are made of
    const double Noise = 0.01;                  // of a dimension's variance, which components that hardly vary are not raised above

    readonly float[] mean, scale;               // [D]
    readonly float[][]? components;             // [K][D], multiplied by what they count for

    /// <param name="vectors">The corpus: N vectors [D].</param>
    /// <param name="whitening">Fewer dimensions that have less in common; null for the dimensions as they are.</param>
    /// <exception cref="ArgumentException">There are none, they are not of one length or not finite, or the options are out of range.</exception>
    public VectorStandardization(IReadOnlyList<float[]> vectors, WhiteningOptions? whitening = null)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.Count == 0)
        {
            throw new ArgumentException("There are no vectors; expected those of the corpus that is searched.", nameof(vectors));
        }
        (mean, scale) = (new float[vectors[0].Length], new float[vectors[0].Length]);
        var sum = new double[mean.Length];          // exact enough that what is the same everywhere differs from its mean by nothing
        for (var i = 0; i < vectors.Count; i++)
        {
            Check(vectors[i], nameof(vectors), i);
            for (var d = 0; d < sum.Length; d++)
            {
                sum[d] += vectors[i][d];
            }
        }
        for (var d = 0; d < sum.Length; d++)
        {
            mean[d] = (float)(sum[d] / vectors.Count);
        }
        var difference = new float[mean.Length];
        foreach (var vector in vectors)
        {
            TensorPrimitives.Subtract(vector, mean, difference);
            TensorPrimitives.MultiplyAdd(difference, difference, scale, scale);
        }
        TensorPrimitives.Divide(scale, vectors.Count, scale);
        for (var d = 0; d < scale.Length; d++)
        {
            scale[d] = scale[d] > Least ? 1 / MathF.Sqrt(scale[d]) : 0;
        }
        components = whitening is null ? null : Whitened(vectors, whitening);
    }

    /// <summary>The length of standardised vectors: D, or at most K where they are whitened.</summary>
    public int Dimensions => components?.Length ?? mean.Length;

    /// <summary>A vector, standardised as those of the corpus are.</summary>
    /// <param name="vector">[D]</param>
    /// <returns>[<see cref="Dimensions"/>], of length 1; all zero where it is the corpus's mean.</returns>
    /// <exception cref="ArgumentException">It has another length, or is not finite.</exception>
    public float[] Apply(ReadOnlySpan<float> vector)
    {
        Check(vector, nameof(vector));
        var standard = Scaled(vector);
        float[] result = components is null ? standard : [.. components.Select(component => TensorPrimitives.Dot(component, standard))];
        if (TensorPrimitives.Norm<float>(result) is > 0 and var length)
        {
            TensorPrimitives.Divide(result, length, result);
        }
        return result;
    }

    /// <summary>[D], of mean 0 and variance 1 over the corpus.</summary>
    float[] Scaled(ReadOnlySpan<float> vector)
    {
        var result = new float[vector.Length];
        TensorPrimitives.Subtract(vector, mean, result);
        TensorPrimitives.Multiply(result, scale, result);
        return result;
    }

    float[][] Whitened(IReadOnlyList<float[]> vectors, WhiteningOptions options)
    {
        if (options.Dimensions < 1 || options.Strength is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"Whitening to {options.Dimensions} dimensions by a strength of {options.Strength} can not be done; expected 1 or more, and 0 to 1.", nameof(options));
        }
        var read = Math.Min(vectors.Count, MostRead);
        var found = new PrincipalComponents([.. Enumerable.Range(0, read).Select(i => Scaled(vectors[(int)((long)i * vectors.Count / read)]))], Math.Min(options.Dimensions, mean.Length));
        return [.. found.Components.Zip(found.Variances, (component, variance) => Multiplied(component, Math.Pow(((1 - Noise) * variance) + Noise, -options.Strength / 2)))];
    }

    static float[] Multiplied(float[] vector, double factor)
    {
        var result = new float[vector.Length];
        TensorPrimitives.Multiply(vector, (float)factor, result);
        return result;
    }

    /// <param name="vector">[D]</param>
    /// <param name="parameter">Whose it is.</param>
    /// <param name="number">Which of the corpus; null for none of it.</param>
    void Check(ReadOnlySpan<float> vector, string parameter, int? number = null)
    {
        string Which() => number is null ? "The vector" : $"Vector {number}";
        if (vector.Length != mean.Length)
        {
            throw new ArgumentException($"{Which()} has {vector.Length} numbers; expected {mean.Length}, as the first of the corpus has.", parameter);
        }
        if (!TensorPrimitives.IsFiniteAll(vector))
        {
            throw new ArgumentException($"{Which()} has a number that is not finite; expected vectors as a model gives them.", parameter);
        }
    }
}
