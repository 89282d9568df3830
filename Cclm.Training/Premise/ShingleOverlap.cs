using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>Whether a text has eight words in a row in common with a test text, which says that one was made from the other (shingles, Broder 1997).</summary>
public sealed class ShingleOverlap
{
    const int Words = 8;

    readonly HashSet<ulong> known = [];

    /// <summary>Remembers a test text. One of fewer than eight words is remembered as a whole.</summary>
    public void Add(string text) => known.UnionWith(Shingles(text));

    /// <summary>Whether a text shares eight words in a row with any that was added.</summary>
    public bool Touches(string text) => Shingles(text).Any(known.Contains);

    static IEnumerable<ulong> Shingles(string text)
    {
        string[] words = [.. Data.Words.Places(text).Select(word => text[word.Begin..word.End].ToLowerInvariant())];
        return words.Length == 0 ? []
            : Enumerable.Range(0, Math.Max(1, words.Length - Words + 1)).Select(at => TextHash.Of(string.Join(' ', words.Skip(at).Take(Words))));
    }
}
