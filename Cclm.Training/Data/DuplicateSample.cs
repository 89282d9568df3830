using System.Runtime.InteropServices;

namespace Cclm.Training.Data;

/// <summary>
/// Counts texts that were seen before, exactly up to a number of different texts and from there on by a sample of them: all texts whose
/// hash begins with so many zeros, one more whenever there are too many. The estimate is unbiased (Flajolet, "On adaptive sampling",
/// Computing 43, 1990), and whether a text is in the sample does not depend on the order.
/// </summary>
/// <param name="most">The most texts that are kept; 16 bytes and some each.</param>
sealed class DuplicateSample(int most)
{
    const int Shown = 60;               // characters of the most repeated text

    readonly Dictionary<ulong, long> counts = [];
    int zeros;

    /// <summary>Whether every text was counted.</summary>
    public bool Exact => zeros == 0;

    /// <summary>How many texts were seen before.</summary>
    public long Duplicates => counts.Values.Sum(count => count - 1) << zeros;

    /// <summary>The text of the sample that was seen most often, cut off, and how often; null where none was seen twice.</summary>
    public (string Text, long Count)? MostRepeated { get; private set; }

    public void Add(string text)
    {
        var hash = TextHash.Of(text);
        if (!InSample(hash))
        {
            return;
        }
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, hash, out _);
        if (++count > Math.Max(1, MostRepeated?.Count ?? 0))
        {
            MostRepeated = (text.Length <= Shown ? text : $"{text.AsSpan(0, Shown)}..", count);
        }
        while (counts.Count > most)
        {
            zeros++;
            foreach (var other in counts.Keys.Where(other => !InSample(other)).ToList())
            {
                counts.Remove(other);
            }
        }
    }

    bool InSample(ulong hash) => zeros == 0 || hash >> (64 - zeros) == 0;
}
