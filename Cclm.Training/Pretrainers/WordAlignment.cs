namespace Cclm.Training;

/// <summary>Which words of a noisy text stand for which of the original: the alignment that costs least (Needleman and Wunsch 1970).</summary>
static class WordAlignment
{
    const double Gap = 0.75, Unlike = 2;

    /// <summary>For each noisy word the original that it stands for; null where none of its length does.</summary>
    public static string?[] Of(string[] noisy, string[] original)
    {
        var costs = new double[noisy.Length + 1, original.Length + 1];
        for (var i = 0; i <= noisy.Length; i++)
        {
            for (var j = 0; j <= original.Length; j++)
            {
                costs[i, j] = (i, j) switch
                {
                    (0, _) => j * Gap,
                    (_, 0) => i * Gap,
                    _ => Math.Min(costs[i - 1, j - 1] + Cost(noisy[i - 1], original[j - 1]), Math.Min(costs[i - 1, j], costs[i, j - 1]) + Gap),
                };
            }
        }
        var meant = new string?[noisy.Length];
        for (var (i, j) = (noisy.Length, original.Length); i > 0 && j > 0;)
        {
            if (costs[i, j] == costs[i - 1, j - 1] + Cost(noisy[i - 1], original[j - 1]))
            {
                meant[--i] = original[--j];
            }
            else if (costs[i, j] == costs[i - 1, j] + Gap)
            {
                i--;
            }
            else
            {
                j--;
            }
        }
        return meant;
    }

    /// <summary>The share of the characters that differ, a half where they are the same in another order; words that differ in length, or in more than half, do not stand for each other.</summary>
    static double Cost(string word, string other)
    {
        if (word == other)
        {
            return 0;
        }
        var (a, b) = (word.EnumerateRunes().ToArray(), other.EnumerateRunes().ToArray());
        if (a.Length != b.Length)
        {
            return Unlike;
        }
        var share = (double)a.Zip(b).Count(pair => pair.First != pair.Second) / a.Length;
        return share <= 0.5 ? share : a.Order().SequenceEqual(b.Order()) ? 0.5 : Unlike;
    }
}
