namespace Cclm.Training.Data;

/// <summary>Characters, and pairs of them, that are taken for others.</summary>
sealed class Confusions
{
    /// <summary>What may stand where a unit does, and what it is taken for; null for a unit that is never confused.</summary>
    readonly (string Seen, string Read)[]?[] byFirst;

    readonly Func<ReadOnlySpan<char>, int, bool> isConfused;

    /// <param name="pairs">What is taken for each other, in both directions. Each side is one or two UTF-16 units, each of which is a character.</param>
    public Confusions(IEnumerable<(string One, string Other)> pairs)
    {
        var directed = pairs.SelectMany(pair => ((string Seen, string Read)[])[(pair.One, pair.Other), (pair.Other, pair.One)]).Distinct().ToLookup(pair => pair.Seen[0]);
        byFirst = new (string, string)[]?[directed.Max(group => group.Key) + 1];
        foreach (var group in directed)
        {
            byFirst[group.Key] = [.. group];
        }
        isConfused = IsConfused;
    }

    /// <summary>All pairs, each in both directions.</summary>
    internal IEnumerable<(string Seen, string Read)> Pairs => byFirst.SelectMany(pairs => pairs ?? []);

    /// <summary>Confuses characters, with the probability <paramref name="rate"/> each that can be.</summary>
    public string Confuse(string text, double rate, Random random)
    {
        var edit = new TextEdit(text);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] < byFirst.Length && byFirst[text[at]] is not null && random.NextDouble() < rate && Draw(text, at, random) is var (seen, read))
            {
                edit.Replace(at, at + seen.Length, read);
                at += seen.Length - 1;
            }
        }
        return edit.Finish();
    }

    /// <summary>Confuses one character of a word.</summary>
    public bool ConfuseOne(ref TextEdit edit, int begin, int end, Random random)
    {
        var word = edit.Text[begin..end];
        var at = WordNoise.Place(word, random, isConfused);
        if (at < 0 || Draw(word, at, random) is not var (seen, read))
        {
            return false;
        }
        edit.Replace(begin + at, begin + at + seen.Length, read);
        return true;
    }

    bool IsConfused(ReadOnlySpan<char> text, int at)
    {
        foreach (var (seen, _) in text[at] < byFirst.Length ? byFirst[text[at]] ?? [] : [])
        {
            if (IsAt(text, at, seen))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>What is at a place and what it is taken for: the first such pair from any on, around the end.</summary>
    (string Seen, string Read)? Draw(ReadOnlySpan<char> text, int at, Random random)
    {
        var pairs = byFirst[text[at]]!;
        var first = random.Next(pairs.Length);
        for (var i = 0; i < pairs.Length; i++)
        {
            if (pairs[(first + i) % pairs.Length] is var pair && IsAt(text, at, pair.Seen))
            {
                return pair;
            }
        }
        return null;
    }

    /// <summary>Whether something is at a place and carries no combining mark.</summary>
    static bool IsAt(ReadOnlySpan<char> text, int at, string seen) =>
        text[at..].StartsWith(seen) && TextElements.LengthAt(text, at + seen.Length - 1) == 1;
}
