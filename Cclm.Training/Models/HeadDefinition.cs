using Cclm.Inference;

namespace Cclm.Training;

/// <summary>What a head is made with: enough to make it again, and to read its logits.</summary>
public sealed record HeadDefinition
{
    /// <summary>What the logits are of.</summary>
    public required HeadTask Task { get; init; }

    /// <summary>C, the channels of what it stands on.</summary>
    public required int Width { get; init; }

    /// <summary>K labels or tags, in the order of the logits.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The scheme that tags are in; null where they are no tags.</summary>
    public TagScheme? Scheme { get; init; }

    /// <summary>What is between the model and the logits.</summary>
    public HeadOptions Options { get; init; } = new();
}

/// <summary>What is between a model and the logits of a head on it.</summary>
public sealed record HeadOptions
{
    /// <summary>How the vectors of a text's characters become one; of no use to tagging, which answers for each.</summary>
    public HeadPooling Pooling { get; init; } = HeadPooling.MeanMax;

    /// <summary>Whether each vector gets mean 0 and variance 1 before the linear layer. On, because maxima of parts that are kept as they are lie far apart and drown what differs between texts.</summary>
    public bool LayerNorm { get; init; } = true;

    /// <summary>Dropout before the linear layer.</summary>
    public double Dropout { get; init; }

    /// <exception cref="ArgumentException">The dropout is not a share below 1.</exception>
    public void Check()
    {
        if (Dropout is not (>= 0 and < 1))
        {
            throw new ArgumentException($"A head's dropout is {Dropout}; expected 0 or more and less than 1.", nameof(Dropout));
        }
    }
}

/// <summary>What a head's logits are of.</summary>
public enum HeadTask
{
    /// <summary>One of the labels, for a text: softmax over [B,K].</summary>
    Categorical,

    /// <summary>Each of the labels for itself, for a text: sigmoid of [B,K].</summary>
    MultiLabel,

    /// <summary>A tag for each character: [B,T,K].</summary>
    Tagging,
}

/// <summary>How a head makes one vector of a text's characters.</summary>
public enum HeadPooling
{
    /// <summary>Mean and maximum side by side.</summary>
    MeanMax,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their largest value, channel by channel.</summary>
    Max,

    /// <summary>The vector at the last position, that of CLS where the preprocessor adds it.</summary>
    Cls,

    /// <summary>A mean with weights that are learned from the vectors themselves (Lin et al. 2017, one hop).</summary>
    Attention,
}
