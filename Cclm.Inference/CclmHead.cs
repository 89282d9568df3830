using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>What answers from a model's towers.</summary>
/// <param name="Name">The head's name; its output in the file is <c>logits_</c> and the name.</param>
/// <param name="Task">What it answers.</param>
/// <param name="Labels">The labels or tags, in the order of the logits.</param>
public sealed record CclmHead(string Name, CclmHeadTask Task, IReadOnlyList<string> Labels)
{
    /// <summary>The tags of a head that tags words, and which may follow which; null of one that classifies.</summary>
    public TagSet? Tags { get; init; }

    /// <summary>Labels with their probabilities, the likeliest first.</summary>
    /// <param name="logits">[K]</param>
    internal IReadOnlyList<LabelProbability> Probabilities(ReadOnlySpan<float> logits)
    {
        Span<float> probabilities = new float[logits.Length];
        if (Task == CclmHeadTask.MultiLabel)
        {
            TensorPrimitives.Sigmoid(logits, probabilities);
        }
        else
        {
            TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), probabilities);     // so that no exponent overflows
            TensorPrimitives.SoftMax(probabilities, probabilities);
        }
        var answer = new LabelProbability[logits.Length];
        for (var i = 0; i < answer.Length; i++)
        {
            answer[i] = new(Labels[i], probabilities[i]);
        }
        return [.. answer.OrderByDescending(label => label.Probability)];
    }
}

/// <summary>What a head answers.</summary>
public enum CclmHeadTask
{
    /// <summary>One of the labels.</summary>
    Categorical,

    /// <summary>Each of the labels for itself.</summary>
    MultiLabel,

    /// <summary>A tag for each word, by scores of its characters.</summary>
    Tagging,
}

/// <summary>How likely a label is.</summary>
/// <param name="Label">The label.</param>
/// <param name="Probability">Between 0 and 1.</param>
public readonly record struct LabelProbability(string Label, float Probability);
