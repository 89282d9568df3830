namespace Cclm.Inference;

/// <summary>The likeliest of the sequences of tags that a scheme allows (Viterbi 1967).</summary>
static class Viterbi
{
    /// <summary>Decodes a sentence. What may not follow each other has no score at all, so the answer is always a sequence of the scheme.</summary>
    /// <param name="scores">How well each class fits each word, such as its log-probability; [W,K], row by row. A sequence scores their sum.</param>
    /// <param name="tags">The classes, and which may follow which.</param>
    /// <returns>The class of each word, [W].</returns>
    /// <exception cref="ArgumentException">The scores are not K for each word.</exception>
    public static int[] Decode(ReadOnlySpan<double> scores, TagSet tags)
    {
        var classes = tags.Names.Count;
        var (words, over) = Math.DivRem(scores.Length, classes);
        if (over != 0)
        {
            throw new ArgumentException($"{scores.Length} scores are not {classes} for each word.", nameof(scores));
        }
        var before = new int[scores.Length];                    // [W,K], the class before each in its best sequence
        var best = new double[classes];                         // the score of the best sequence up to a word that ends in a class
        Array.Fill(best, double.NegativeInfinity);
        best[TagSet.Outside] = 0;                               // the sentence begins after O
        for (var word = 0; word < words; word++)
        {
            var next = new double[classes];
            for (var tag = 0; tag < classes; tag++)
            {
                var at = (word * classes) + tag;
                (before[at], var score) = Before(tag, best, tags);
                next[tag] = score + scores[at];
            }
            best = next;
        }
        var decoded = new int[words];
        var (last, _) = Before(TagSet.Outside, best, tags);     // and ends before O
        for (var word = words - 1; word >= 0; word--)
        {
            (decoded[word], last) = (last, before[(word * classes) + last]);
        }
        return decoded;
    }

    static (int Class, double Score) Before(int tag, double[] best, TagSet tags)
    {
        var (found, score) = (TagSet.Outside, double.NegativeInfinity);
        for (var before = 0; before < best.Length; before++)
        {
            if (best[before] > score && tags.MayFollow(before, tag))
            {
                (found, score) = (before, best[before]);
            }
        }
        return (found, score);
    }
}
