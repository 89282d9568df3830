namespace Cclm.Inference;

/// <summary>Which characters of a corpus a <see cref="Vocabulary"/> keeps.</summary>
public sealed record VocabularyOptions
{
    /// <summary>A character seen fewer times than this becomes <see cref="Vocabulary.Unknown"/>.</summary>
    /// <remarks>With 1 every character of the corpus is known, so training never meets an unknown one and learns nothing about it.</remarks>
    public int MinCount { get; init; } = 1;

    /// <summary>The largest <see cref="Vocabulary.Count"/>, the four reserved ids among it; null for no limit.</summary>
    /// <remarks>
    /// This is the number of rows of the embedding table. The most frequent characters are kept, of equally frequent ones those of
    /// lower code point.
    /// </remarks>
    public int? MaxSize { get; init; }

    internal void Validate()
    {
        if (MinCount < 1)
        {
            throw new ArgumentException($"MinCount is {MinCount}; expected 1 (every character of the corpus) or more.", nameof(MinCount));
        }
        if (MaxSize < Vocabulary.FirstCharacter)
        {
            throw new ArgumentException($"MaxSize is {MaxSize}; expected more than the {Vocabulary.FirstCharacter} reserved ids, " +
                "or null for no limit.", nameof(MaxSize));
        }
    }
}
