namespace Cclm.Inference;

/// <summary>How a <see cref="Preprocessor"/> turns text to ids.</summary>
public sealed record PreprocessorOptions
{
    const int LongestText = 1 << 26;            // far more than any model reads; its ids are half a GiB then, and what is counted with them stays an int
    const int LargestFactor = 1 << 12;          // an empty text is padded to it, so a file could ask for any memory by it

    /// <summary>The most ids of one text, CLS among them, 67,108,864 at most; later characters are cut.</summary>
    /// <remarks>A model has as many position embeddings as the preprocessor it was trained with allows: raising this needs another model.</remarks>
    public int MaxLength { get; init; } = 512;

    /// <summary>A text's length is rounded up to a multiple of this, for models that shorten the sequence inside; 4,096 at most.</summary>
    public int DownsampleFactor { get; init; } = 1;

    /// <summary>Whether <see cref="Vocabulary.Cls"/> ends each text.</summary>
    public bool AddCls { get; init; } = true;

    /// <summary>The longest length there is: <see cref="MaxLength"/>, rounded down to the factor.</summary>
    internal int Limit => MaxLength - MaxLength % DownsampleFactor;

    /// <summary>The most characters of one text that are read; <see cref="Vocabulary.Cls"/> takes the last place.</summary>
    public int MostCharacters => Limit - (AddCls ? 1 : 0);

    internal void Validate()
    {
        if (DownsampleFactor < 1)
        {
            throw new ArgumentException(
                $"DownsampleFactor is {DownsampleFactor}; expected 1 (lengths as they are) or more.", nameof(DownsampleFactor));
        }
        if (DownsampleFactor > LargestFactor)
        {
            throw new ArgumentException($"DownsampleFactor is {DownsampleFactor:N0}; expected at most {LargestFactor:N0}.", nameof(DownsampleFactor));
        }
        if (MaxLength > LongestText)
        {
            throw new ArgumentException($"MaxLength is {MaxLength:N0}; expected at most {LongestText:N0}.", nameof(MaxLength));
        }
        if (MaxLength < DownsampleFactor)
        {
            throw new ArgumentException(
                $"MaxLength is {MaxLength}; expected at least DownsampleFactor, which is {DownsampleFactor}.", nameof(MaxLength));
        }
    }
}
