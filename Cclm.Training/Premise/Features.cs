using System.Numerics.Tensors;
using Cclm.Inference;

namespace Cclm.Training.Premise;

/// <summary>Vectors of texts that a linear classifier reads, one row a text.</summary>
public abstract class Features
{
    /// <summary>How many texts.</summary>
    public abstract int Rows { get; }

    /// <summary>D, the numbers of a vector.</summary>
    public abstract int Width { get; }

    /// <summary>The product of a row with weights [D].</summary>
    public abstract float Dot(int row, ReadOnlySpan<float> weights);

    /// <summary>Adds a multiple of a row to weights [D].</summary>
    public abstract void AddTo(int row, float factor, Span<float> weights);
}

/// <summary>Vectors [N,D] as a model makes them.</summary>
/// <param name="vectors">The vectors.</param>
/// <param name="width">D</param>
public sealed class DenseFeatures(IReadOnlyList<float[]> vectors, int width) : Features
{
    /// <inheritdoc/>
    public override int Rows => vectors.Count;

    /// <inheritdoc/>
    public override int Width => width;

    /// <summary>Brings vectors to mean 0 and variance 1 over a corpus, and to length 1.</summary>
    public static DenseFeatures Of(VectorStandardization corpus, IEnumerable<float[]> vectors)
    {
        float[][] standardised = [.. vectors.Select(vector => corpus.Apply(vector))];
        return new(standardised, standardised.Length > 0 ? standardised[0].Length : 0);
    }

    /// <inheritdoc/>
    public override float Dot(int row, ReadOnlySpan<float> weights) => TensorPrimitives.Dot(vectors[row], weights);

    /// <inheritdoc/>
    public override void AddTo(int row, float factor, Span<float> weights) => TensorPrimitives.MultiplyAdd(vectors[row], factor, weights, weights);
}

/// <summary>Vectors that are 0 almost everywhere.</summary>
/// <param name="rows">Of each text, the places of its numbers and the numbers.</param>
/// <param name="width">D</param>
public sealed class SparseFeatures(IReadOnlyList<(int[] Places, float[] Values)> rows, int width) : Features
{
    /// <inheritdoc/>
    public override int Rows => rows.Count;

    /// <inheritdoc/>
    public override int Width => width;

    /// <summary>A text's numbers.</summary>
    public (int[] Places, float[] Values) this[int row] => rows[row];

    /// <inheritdoc/>
    public override float Dot(int row, ReadOnlySpan<float> weights)
    {
        var (places, values) = rows[row];
        var sum = 0f;
        for (var i = 0; i < places.Length; i++)
        {
            sum += weights[places[i]] * values[i];
        }
        return sum;
    }

    /// <inheritdoc/>
    public override void AddTo(int row, float factor, Span<float> weights)
    {
        var (places, values) = rows[row];
        for (var i = 0; i < places.Length; i++)
        {
            weights[places[i]] += factor * values[i];
        }
    }
}
