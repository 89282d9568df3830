namespace Cclm.Training.Data;

/// <summary>How many texts have which length, in characters (Unicode scalar values). k different lengths are k²/2 characters at the least, so memory stays small.</summary>
sealed class TextLengths
{
    readonly SortedDictionary<int, long> counts = [];

    /// <summary>How many texts there are.</summary>
    public long Count { get; private set; }

    /// <summary>The characters of all texts.</summary>
    public long Characters => counts.Sum(length => length.Key * length.Value);

    /// <summary>The length of the longest text; 0 where there is none.</summary>
    public int Longest => counts.Keys.LastOrDefault();

    /// <summary>Counts a text of a length.</summary>
    public void Add(int length)
    {
        counts[length] = counts.GetValueOrDefault(length) + 1;
        Count++;
    }

    /// <summary>Counts a text unless it is nothing or white space alone.</summary>
    public void Add(string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            var length = 0;
            foreach (var _ in text.EnumerateRunes())
            {
                length++;
            }
            Add(length);
        }
    }

    /// <summary>How many texts are longer.</summary>
    public long LongerThan(int length) => counts.Where(count => count.Key > length).Sum(count => count.Value);

    /// <summary>The length that a share of the texts do not exceed; 0 where there is none.</summary>
    public int Quantile(double share)
    {
        var left = (long)Math.Ceiling(Count * share);
        return counts.FirstOrDefault(count => (left -= count.Value) <= 0).Key;
    }
}
