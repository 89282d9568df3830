using System.Text.Json.Serialization;

namespace Cclm.Training;

/// <summary>The size of a <see cref="ConvEmbedder"/>.</summary>
public sealed record EmbedderOptions
{
    /// <summary>V, how many ids there are: the preprocessor's vocabulary with its reserved ids.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The longest text, in ids: one learned position each.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Channels of a character before the first block.</summary>
    public int CharacterWidth { get; init; } = 32;

    /// <summary>The n of the n-grams of characters that have vectors of their own, such as 3, 4 and 5; none where empty. They cost memory and next to no time.</summary>
    public IReadOnlyList<int> NGrams { get; init; } = [];

    /// <summary>Vectors for the n-grams of each n, which are hashed to them.</summary>
    public int NGramBuckets { get; init; } = 16_384;

    /// <summary>Whether n-grams are those of words: letters count the same in any case, and none reaches further back than the space or punctuation mark before its word.</summary>
    public bool WordNGrams { get; init; }

    /// <summary>Convolution blocks; each sees 3 * (kernel size - 1) characters further. With 0 a position knows its character and its n-grams, which is all that a tower on whole texts needs, and the quickest.</summary>
    public int Blocks { get; init; } = 5;

    /// <summary>The channels of every convolution and of the embedder's output.</summary>
    public int Filters { get; init; } = 512;

    /// <summary>Channels that tell every position about the whole text.</summary>
    public int GlobalFilters { get; init; } = 128;

    /// <summary>Characters that a convolution sees at once; odd, so that padding keeps the length.</summary>
    public int KernelSize { get; init; } = 3;

    /// <summary>Dropout between the first two convolutions of a block only.</summary>
    public double Dropout { get; init; } = 0.25;

    /// <summary>Whether a position knows of nothing that comes after it: convolutions look back only, and what the whole text says is what was said until there.</summary>
    public bool Causal { get; init; }

    /// <summary>C, the channels of the embedder's output.</summary>
    [JsonIgnore]
    public int Width => Blocks == 0 ? CharacterWidth : Filters;

    /// <exception cref="ArgumentException">A size is not positive, an n-gram is not of 2 to 16 characters or named twice, the kernel size is even, or the dropout is not below 1.</exception>
    public void Check()
    {
        foreach (var (name, size) in (ReadOnlySpan<(string, int)>)
            [(nameof(Vocabulary), Vocabulary), (nameof(MaxLength), MaxLength), (nameof(CharacterWidth), CharacterWidth),
             (nameof(Filters), Filters), (nameof(GlobalFilters), GlobalFilters), (nameof(NGramBuckets), NGramBuckets)])
        {
            if (size < 1)
            {
                throw new ArgumentException($"{name} is {size}; expected 1 or more.", name);
            }
        }
        if (Blocks < 0)
        {
            throw new ArgumentException($"{nameof(Blocks)} is {Blocks}; expected 0, for characters and n-grams alone, or more.", nameof(Blocks));
        }
        if (NGrams.Any(n => n is < 2 or > 16) || NGrams.Distinct().Count() != NGrams.Count)
        {
            throw new ArgumentException($"NGrams are {string.Join(", ", NGrams)}; expected each of 2 to 16 characters, and none twice.", nameof(NGrams));
        }
        if (KernelSize < 1 || KernelSize % 2 == 0)
        {
            throw new ArgumentException($"KernelSize is {KernelSize}; expected an odd number, so that padding keeps the length.", nameof(KernelSize));
        }
        if (Dropout is not (>= 0 and < 1))
        {
            throw new ArgumentException($"Dropout is {Dropout}; expected 0 or more and less than 1.", nameof(Dropout));
        }
    }
}
