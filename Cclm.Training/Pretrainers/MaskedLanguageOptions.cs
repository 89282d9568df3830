using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a masked word piece is told from.</summary>
public enum SpanPooling
{
    /// <summary>What is said of its masked characters.</summary>
    Local,

    /// <summary>What is said of the whole text, so that the text's vector learns what it is about.</summary>
    Global,
}

/// <summary>How a word piece is told from all others while training; evaluation always compares with all.</summary>
public enum TokenLoss
{
    /// <summary>Softmax over some pieces that are drawn for each batch, corrected for how they are drawn.</summary>
    SampledSoftmax,

    /// <summary>The right piece against a few wrong ones, each told on its own.</summary>
    NegativeSampling,

    /// <summary>Softmax over all pieces.</summary>
    Full,
}

/// <summary>What <see cref="MaskedLanguagePretrainer"/> asks for, and how.</summary>
public sealed record MaskedLanguageOptions
{
    /// <summary>The fewest characters of a piece that is asked for: shorter ones are spelling, which character masking teaches.</summary>
    public int MinCharacters { get; init; } = 3;

    /// <summary>What the piece is told from.</summary>
    public SpanPooling Pooling { get; init; } = SpanPooling.Local;

    /// <summary>How it is told from all others.</summary>
    public TokenLoss Loss { get; init; } = TokenLoss.SampledSoftmax;

    /// <summary>Pieces that <see cref="TokenLoss.SampledSoftmax"/> draws for a batch.</summary>
    public int Candidates { get; init; } = 512;

    /// <summary>Wrong pieces that <see cref="TokenLoss.NegativeSampling"/> draws for each right one.</summary>
    public int Negatives { get; init; } = 5;

    /// <summary>Channels in which pieces are compared.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Noise put on the texts before a piece of them is masked.</summary>
    public Augmentor? Augmentor { get; init; }

    /// <exception cref="ArgumentException">A number is not positive.</exception>
    public void Check()
    {
        foreach (var (name, number) in (ReadOnlySpan<(string, int)>)
            [(nameof(MinCharacters), MinCharacters), (nameof(Candidates), Candidates), (nameof(Negatives), Negatives), (nameof(Width), Width)])
        {
            if (number < 1)
            {
                throw new ArgumentException($"{name} is {number}; expected 1 or more.", name);
            }
        }
    }
}
