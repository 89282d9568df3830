using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>What a text is taken apart into.</summary>
/// <param name="text">The text.</param>
/// <param name="use">Called with each n-gram's hash.</param>
public delegate void Analyzer(string text, Action<ulong> use);

/// <summary>Weighted counts of n-grams: (1 + ln tf) * (ln((1 + N) / (1 + df)) + 1), to length 1, the n-grams hashed to places (Weinberger et al. 2009).</summary>
public sealed class TfIdf
{
    const int Places = 1 << 20;

    readonly Analyzer analyzer;
    readonly float[] inverse = new float[Places];       // document frequencies

    /// <param name="analyzer">Takes texts apart.</param>
    /// <param name="corpus">Texts that n-grams are counted in.</param>
    public TfIdf(Analyzer analyzer, IReadOnlyCollection<string> corpus)
    {
        this.analyzer = analyzer;
        var found = new int[Places];
        foreach (var text in corpus)
        {
            foreach (var place in Counts(text).Keys)
            {
                found[place]++;
            }
        }
        for (var place = 0; place < Places; place++)
        {
            inverse[place] = MathF.Log((1f + corpus.Count) / (1f + found[place])) + 1;
        }
    }

    /// <summary>Characters in lower case, n-grams of each of some lengths, spaces too.</summary>
    public static Analyzer Characters(int shortest, int longest) => (text, use) =>
    {
        var characters = $" {text.ToLowerInvariant()} ";
        for (var begin = 0; begin < characters.Length; begin++)
        {
            var hash = 14695981039346656037UL;                  // FNV-1a
            for (var length = 1; length <= longest && begin + length <= characters.Length; length++)
            {
                hash = (hash ^ characters[begin + length - 1]) * 1099511628211UL;
                if (length >= shortest)
                {
                    use(hash);
                }
            }
        }
    };

    /// <summary>Words in lower case, and as many as <paramref name="longest"/> in a row.</summary>
    public static Analyzer OfWords(int longest) => (text, use) =>
    {
        var hashes = Words.Places(text).Select(word => TextHash.Of(text[word.Begin..word.End].ToLowerInvariant())).ToList();
        for (var begin = 0; begin < hashes.Count; begin++)
        {
            var hash = 0UL;
            for (var i = begin; i < Math.Min(hashes.Count, begin + longest); i++)
            {
                use(hash = (hash * 1099511628211UL) ^ hashes[i]);
            }
        }
    };

    /// <summary>The vectors of texts.</summary>
    public SparseFeatures Of(IReadOnlyList<string> texts) => new([.. texts.AsParallel().AsOrdered().Select(VectorOf)], Places);

    (int[] Places, float[] Values) VectorOf(string text)
    {
        var counts = Counts(text);
        int[] places = [.. counts.Keys.Order()];
        float[] values = [.. places.Select(place => (1 + MathF.Log(counts[place])) * inverse[place])];
        var length = MathF.Sqrt(values.Sum(value => value * value));
        return (places, [.. values.Select(value => value / Math.Max(length, 1e-12f))]);
    }

    Dictionary<int, int> Counts(string text)
    {
        var counts = new Dictionary<int, int>();
        analyzer(text, hash =>
        {
            var place = (int)((hash ^ (hash >> 32)) % Places);
            counts[place] = counts.GetValueOrDefault(place) + 1;
        });
        return counts;
    }
}
