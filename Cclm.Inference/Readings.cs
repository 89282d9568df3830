using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>What is asked of texts: an output [B,<paramref name="Width"/>], or [B,T,<paramref name="Width"/>] of positions, and what is made of a text's row of it.</summary>
/// <param name="Output">The output.</param>
/// <param name="Width">The numbers of a text or a position.</param>
/// <param name="OfPositions">Whether each position of a text has an answer.</param>
/// <param name="Make">Makes an answer of a row, without the padding that a batch brings.</param>
/// <param name="Join">Makes one answer of those to the pieces of a long text.</param>
sealed record Reading<T>(string Output, int Width, bool OfPositions, Func<ReadOnlySpan<float>, T> Make, Func<IReadOnlyList<(T Answer, TextPiece Piece)>, T> Join)
{
    /// <summary>The shape of the row of a text that is padded to a length.</summary>
    public long[] RowShape(int length) => OfPositions ? [length, Width] : [Width];

    /// <summary>A text's answer.</summary>
    /// <param name="row">Its row in a batch.</param>
    /// <param name="length">The text's own.</param>
    /// <param name="index">Its place among the texts, for errors.</param>
    /// <exception cref="CclmModelException">A number is not finite.</exception>
    public T Answer(ReadOnlySpan<float> row, int length, int index) => Make(Numbers.Finite(OfPositions ? row[..(length * Width)] : row, index));

    /// <summary>The same, each answer with the model that gave it; a text's pieces are all answered by one.</summary>
    public Reading<(T Answer, ModelContract From)> From(ModelContract contract) => new(Output, Width, OfPositions,
        row => (Make(row), contract), parts => (Join([.. parts.Select(part => (part.Answer.Answer, part.Piece))]), contract));
}

/// <summary>What a model can be asked.</summary>
static class Readings
{
    const float UnitTolerance = 1e-3f;

    /// <summary>A text's vector, or a tower's part of it.</summary>
    public static Reading<float[]> Vectors(ModelContract contract, string? tower)
    {
        var (start, width) = PooledSlice(contract, tower);
        return new(ModelNames.Embedding, contract.Dimensions, OfPositions: false, vector => vector.Slice(start, width).ToArray(), Mean);
    }

    /// <summary>A head's labels.</summary>
    public static Reading<IReadOnlyList<LabelProbability>> Labels(ModelContract contract, string? name)
    {
        var head = contract.Head(name, tags: false);
        return new(ModelNames.Logits(head.Name), head.Labels.Count, OfPositions: false, logits => head.Probabilities(logits), Mean);
    }

    /// <summary>What a head that tags words says of each character that is read.</summary>
    public static Reading<CharacterLogits> Tags(ModelContract contract, string? name)
    {
        var head = contract.Head(name, tags: true);
        var most = contract.Preprocessor.MostCharacters * head.Labels.Count;
        return new(ModelNames.Logits(head.Name), head.Labels.Count, OfPositions: true,
            logits => new(head.Tags!, logits[..Math.Min(logits.Length, most)].ToArray()), CharacterLogits.Join);
    }

    /// <summary>Vectors of length 1 have one of length 1.</summary>
    static float[] Mean(IReadOnlyList<(float[] Answer, TextPiece Piece)> vectors)
    {
        var mean = new float[vectors[0].Answer.Length];
        foreach (var (vector, piece) in vectors)
        {
            TensorPrimitives.MultiplyAdd(vector, piece.Weight, mean, mean);
        }
        var norm = TensorPrimitives.Norm<float>(mean);
        if (norm > 0 && vectors.All(vector => Math.Abs(TensorPrimitives.Norm<float>(vector.Answer) - 1) < UnitTolerance))
        {
            TensorPrimitives.Divide(mean, norm, mean);
        }
        return mean;
    }

    static IReadOnlyList<LabelProbability> Mean(IReadOnlyList<(IReadOnlyList<LabelProbability> Answer, TextPiece Piece)> answers) =>
    [
        .. answers.SelectMany(answer => answer.Answer.Select(label => label with { Probability = label.Probability * answer.Piece.Weight })).GroupBy(label => label.Label)
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
