namespace Cclm.Training.Data;

/// <summary>How large a <see cref="SubwordTokenizer"/> becomes, and what is too rare for it.</summary>
public sealed record SubwordTokenizerOptions
{
    /// <summary>The most tokens; the three reserved ones are among them.</summary>
    public int VocabularySize { get; init; } = 10_000;

    /// <summary>A character seen fewer times than this is unknown, and a pair of tokens seen fewer times is not merged.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>The most single characters, so that scripts with many of them leave room for merges; null for half of the vocabulary. The most frequent are kept, of equally frequent ones those of lower code point.</summary>
    public int? MaxCharacters { get; init; }

    internal int CharacterLimit => MaxCharacters ?? VocabularySize / 2;

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        if (VocabularySize <= SubwordTokenizer.Reserved.Count)
        {
            throw new ArgumentException($"VocabularySize is {VocabularySize}; expected more than the {SubwordTokenizer.Reserved.Count} reserved tokens.", nameof(VocabularySize));
        }
        if (MinCount < 1)
        {
            throw new ArgumentException($"MinCount is {MinCount}; expected 1 (whatever the corpus has) or more.", nameof(MinCount));
        }
        if (CharacterLimit < 1 || CharacterLimit > VocabularySize - SubwordTokenizer.Reserved.Count)
        {
            throw new ArgumentException($"MaxCharacters is {CharacterLimit}; expected 1 to {VocabularySize - SubwordTokenizer.Reserved.Count}, " +
                $"what a VocabularySize of {VocabularySize} has room for.", nameof(MaxCharacters));
        }
    }
}
