namespace Cclm.Training;

/// <summary>How often two words are within a window of each other, in memory that grows with the different pairs and not with the text.</summary>
/// <param name="words">V, how many words there are; at most 65,535.</param>
/// <param name="window">The most words from one to the other.</param>
sealed class CoOccurrences(int words, int window)
{
    const double Smoothing = 0.75;                  // of contexts, against rare ones (Levy et al. 2015, section 3.1)

    readonly uint[] waiting = new uint[1 << 24];    // pairs that are not counted yet
    int waits;
    uint[] pairs = [];                              // ascending, the smaller word first
    float[] counts = [];

    /// <summary>Counts a text's words.</summary>
    public void Add(ReadOnlySpan<int> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            for (var j = Math.Max(0, i - window); j < i; j++)
            {
                if (waits == waiting.Length)
                {
                    Count();
                }
                waiting[waits++] = (uint)Math.Min(text[i], text[j]) << 16 | (uint)Math.Max(text[i], text[j]);
            }
        }
    }

    /// <summary>Positive pointwise mutual information of each word with each word of its company: [V,V].</summary>
    public SparseMatrix MutualInformation()
    {
        Count();
        var sums = new double[words];
        ForEachPair((first, second, count) => sums[first] += count);
        var contexts = sums.Select(sum => Math.Pow(sum, Smoothing)).ToArray();
        var total = contexts.Sum();
        var builder = new SparseMatrix.Builder(words);
        ForEachPair((first, second, count) => builder.Reserve(first, Information(first, second, count)));
        builder.Allocate();
        ForEachPair((first, second, count) => builder.Add(first, second, Information(first, second, count)));
        return builder.Matrix;

        float Information(int word, int context, float count) => (float)Math.Log(count / sums[word] / (contexts[context] / total));
    }

    /// <summary>Each pair in both orders.</summary>
    void ForEachPair(Action<int, int, float> use)
    {
        for (var i = 0; i < pairs.Length; i++)
        {
            var (first, second) = ((int)(pairs[i] >> 16), (int)(pairs[i] & ushort.MaxValue));
            if (first == second)
            {
                use(first, first, 2 * counts[i]);   // each is the other's company
                continue;
            }
            use(first, second, counts[i]);
            use(second, first, counts[i]);
        }
    }

    /// <summary>Merges the pairs that wait with those that are counted.</summary>
    void Count()
    {
        var fresh = waiting.AsSpan(0, waits);
        fresh.Sort();
        var different = pairs.Length;
        for (var i = 0; i < fresh.Length; i++)
        {
            different += i == 0 || fresh[i] != fresh[i - 1] ? 1 : 0;
        }
        var (merged, sums, at, old) = (new uint[different], new float[different], -1, 0);
        for (var next = 0; next < fresh.Length || old < pairs.Length;)
        {
            var fromOld = next == fresh.Length || (old < pairs.Length && pairs[old] <= fresh[next]);
            var pair = fromOld ? pairs[old] : fresh[next];
            if (at < 0 || merged[at] != pair)
            {
                merged[++at] = pair;
            }
            sums[at] += fromOld ? counts[old++] : 1;
            next += fromOld ? 0 : 1;
        }
        (pairs, counts, waits) = (merged[..(at + 1)], sums[..(at + 1)], 0);
    }
}
