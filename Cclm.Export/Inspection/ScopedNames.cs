namespace Cclm.Export;

/// <summary>The names of one graph's edges, and how they stand to those of the graphs around it.</summary>
/// <param name="known">Every name that can be read at this place; gets the graph's own until it is left.</param>
/// <param name="problems">Receives a sentence for each broken rule.</param>
sealed class ScopedNames(HashSet<string> known, List<string> problems)
{
    readonly HashSet<string> own = [];
    readonly List<string> fresh = [];

    /// <param name="names">Names that are defined here.</param>
    /// <param name="by">What defines them.</param>
    /// <param name="mayHide">Whether they may be names from around the graph, too: an input or a weight of a body hides such a name in it.</param>
    public void Define(IEnumerable<string> names, string by, bool mayHide)
    {
        foreach (var name in names)
        {
            if (name.Length == 0)
            {
                problems.Add($"an {by} has no name.");
                continue;
            }
            var isFirst = own.Add(name);
            if (known.Add(name))
            {
                fresh.Add(name);
            }
            else if (!isFirst || !mayHide)
            {
                problems.Add($"{by} '{name}' has a name that is taken; expected every edge to be made once.");
            }
        }
    }

    /// <summary>Forgets the graph's own names.</summary>
    public void Leave() => known.ExceptWith(fresh);
}
