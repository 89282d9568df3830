namespace Cclm.Training;

/// <summary>How <see cref="WordVectorTeacher"/> makes vectors of words, and of texts from them.</summary>
public sealed record WordVectorOptions
{
    /// <summary>D, the numbers of a vector.</summary>
    public int Width { get; init; } = 160;

    /// <summary>How many words on each side are a word's company.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Words that occur less often have no vector.</summary>
    public int MinCount { get; init; } = 5;

    /// <summary>The most words that have one, the most frequent ones.</summary>
    public int MaxWords { get; init; } = 40_000;

    /// <summary>Of a word that is more than this share of all, some occurrences are left out where company is counted (Mikolov et al. 2013, section 2.3).</summary>
    public double FrequentShare { get; init; } = 1e-4;

    /// <summary>The share of all words at which one counts half in a text's vector; more frequent ones count less (<c>a</c> in Arora et al. 2017).</summary>
    public double HalfWeightShare { get; init; } = 1e-3;

    /// <summary>Directions that all texts have in common and that are taken out of their vectors (the same source takes one).</summary>
    public int CommonDirections { get; init; } = 2;

    /// <exception cref="ArgumentException">A size or a share is out of range.</exception>
    public void Check()
    {
        if (Width < 1 || Window < 1 || MinCount < 1 || MaxWords is < 2 or > ushort.MaxValue || CommonDirections < 0 || CommonDirections >= Width || !(FrequentShare > 0) || !(HalfWeightShare > 0))
        {
            throw new ArgumentException(
                $"Vectors of words with width {Width}, window {Window}, minCount {MinCount}, maxWords {MaxWords}, frequentShare {FrequentShare}, halfWeightShare {HalfWeightShare} and commonDirections {CommonDirections} can not be made; " +
                $"expected sizes of 1 or more, 2 to {ushort.MaxValue} words, shares above 0, and fewer common directions than the width.");
        }
    }
}
