
namespace Cclm.Training.Premise;

/// <summary>Okapi BM25 over words in lower case (Robertson and Zaragoza 2009, section 3.4; k1 = 1.2, b = 0.75).</summary>
public sealed class Bm25
{
    const double K1 = 1.2, B = 0.75;

    readonly Dictionary<ulong, List<(int Document, int Count)>> index = [];
    readonly int[] lengths;
    readonly double mean;

    /// <param name="documents">What is searched.</param>
    public Bm25(IReadOnlyList<string> documents)
    {
        lengths = new int[documents.Count];
        for (var i = 0; i < documents.Count; i++)
        {
            foreach (var word in WordsOf(documents[i]).GroupBy(word => word))
            {
                if (!index.TryGetValue(word.Key, out var found))
                {
                    index.Add(word.Key, found = []);
                }
                found.Add((i, word.Count()));
                lengths[i] += word.Count();
            }
        }
        mean = lengths.Average();
    }

    /// <summary>The score of each document.</summary>
    public float[] Scores(string query)
    {
        var scores = new float[lengths.Length];
        foreach (var word in WordsOf(query))
        {
            if (index.TryGetValue(word, out var found))
            {
                var inverse = Math.Log(1 + ((lengths.Length - found.Count + 0.5) / (found.Count + 0.5)));
                foreach (var (document, count) in found)
                {
                    scores[document] += (float)(inverse * count * (K1 + 1) / (count + (K1 * (1 - B + (B * lengths[document] / mean)))));
                }
            }
        }
        return scores;
    }

    static List<ulong> WordsOf(string text)
    {
        var words = new List<ulong>();
        TfIdf.OfWords(1)(text, words.Add);
        return words;
    }
}
