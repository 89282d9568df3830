namespace Cclm;

/// <summary>What may have been meant by a word that is not known.</summary>
static class Suggestion
{
    const int LongestCompared = 64;

    /// <summary><c>; there are 'a' and 'b'. Did you mean 'a'?</c></summary>
    public static string Among(string word, IEnumerable<string> known)
    {
        string[] all = [.. known];
        var there = all.Length == 0 ? "there are none" : $"there {(all.Length == 1 ? "is" : "are")} {string.Join(", ", all.Select(name => $"'{name}'"))}";
        return $"; {there}.{Nearest(word, all)}";
    }

    /// <summary><c> Did you mean 'a'?</c>, with the space before it; empty where nothing known is near.</summary>
    public static string Nearest(string word, IEnumerable<string> known) => NearestOf(word, known) is { } near ? $" Did you mean '{near}'?" : "";

    /// <summary>The known word that takes the fewest changes; null where it takes more than a third of the word's letters.</summary>
    static string? NearestOf(string word, IEnumerable<string> known) => word.Length > LongestCompared ? null
        : known.Where(name => name.Length <= LongestCompared).Select(name => (Name: name, Changes: Changes(word.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(candidate => candidate.Changes <= Math.Max(1, word.Length / 3))
            .OrderBy(candidate => candidate.Changes).FirstOrDefault().Name;

    /// <summary>Letters to put in, take out, replace or swap with their neighbour (optimal string alignment; Boytsov 2011).</summary>
    static int Changes(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                cost[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }
        return cost[a.Length, b.Length];
    }
}
