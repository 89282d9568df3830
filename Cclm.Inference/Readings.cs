using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>What is asked of texts: an output [B,<paramref name="Width"/>], and what is made of a text's row of it.</summary>
/// <param name="Output">The output.</param>
/// <param name="Width">The numbers of a row.</param>
/// <param name="Make">Makes an answer of a row.</param>
/// <param name="Mean">Makes one answer of those to the pieces of a long text, by their weights, which sum to 1.</param>
sealed record Reading<T>(string Output, int Width, Func<ReadOnlySpan<float>, T> Make, Func<IReadOnlyList<(T Answer, float Weight)>, T> Mean);

/// <summary>What a model can be asked.</summary>
static class Readings
{
    const float UnitTolerance = 1e-3f;

    /// <summary>A text's vector, or a tower's part of it.</summary>
    public static Reading<float[]> Vectors(ModelContract contract, string? tower)
    {
        var (start, width) = PooledSlice(contract, tower);
        return new(ModelNames.Embedding, contract.Dimensions, vector => vector.Slice(start, width).ToArray(), Mean);
    }

    /// <summary>A head's labels.</summary>
    public static Reading<IReadOnlyList<LabelProbability>> Labels(ModelContract contract, string? name)
    {
        var head = contract.Classifier(name);
        return new(ModelNames.Logits(head.Name), head.Labels.Count, logits => head.Probabilities(logits), Mean);
    }

    /// <summary>Vectors of length 1 have one of length 1.</summary>
    static float[] Mean(IReadOnlyList<(float[] Answer, float Weight)> vectors)
    {
        var mean = new float[vectors[0].Answer.Length];
        foreach (var (vector, weight) in vectors)
        {
            TensorPrimitives.MultiplyAdd(vector, weight, mean, mean);
        }
        var norm = TensorPrimitives.Norm<float>(mean);
        if (norm > 0 && vectors.All(vector => Math.Abs(TensorPrimitives.Norm<float>(vector.Answer) - 1) < UnitTolerance))
        {
            TensorPrimitives.Divide(mean, norm, mean);
        }
        return mean;
    }

    static IReadOnlyList<LabelProbability> Mean(IReadOnlyList<(IReadOnlyList<LabelProbability> Answer, float Weight)> answers) =>
    [
        .. answers.SelectMany(answer => answer.Answer.Select(label => label with { Probability = label.Probability * answer.Weight })).GroupBy(label => label.Label)
            .Select(label => new LabelProbability(label.Key, label.Sum(part => part.Probability))).OrderByDescending(label => label.Probability),
    ];

    static (int Start, int Width) PooledSlice(ModelContract contract, string? tower)
    {
        if (contract.Dimensions == 0)
        {
            throw new CclmModelException($"The model has no '{ModelNames.Embedding}' output, so a text has no one vector. " +
                $"Compose it with pooling, or use {nameof(CclmModel.EmbedPositions)}.");
        }
        if (tower is null)
        {
            return (0, contract.Dimensions);
        }
        var slice = contract.Tower(tower);
        return slice.EmbeddingWidth > 0 ? (slice.EmbeddingStart, slice.EmbeddingWidth)
            : throw new CclmModelException($"The model's pooling mixes the towers, so '{tower}' has no part of the vector of its own. " +
                $"Use {nameof(CclmModel.EmbedPositions)}.");
    }
}
