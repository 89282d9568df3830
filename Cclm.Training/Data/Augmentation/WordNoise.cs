namespace Cclm.Training.Data;

/// <summary>Makes one error in a word.</summary>
/// <param name="edit">The text, of which nothing after <paramref name="begin"/> has been changed.</param>
/// <param name="begin">Where the word begins in it.</param>
/// <param name="end">Where it ends.</param>
/// <param name="random">All chance.</param>
/// <returns>False, with nothing changed, where the word can not have such an error.</returns>
delegate bool WordError(ref TextEdit edit, int begin, int end, Random random);

/// <summary>Errors in some of a text's words.</summary>
static class WordNoise
{
    /// <summary>How often another kind is drawn for a word that can not have the one drawn before.</summary>
    const int Draws = 8;

    /// <summary>Makes an error in each word with the probability <paramref name="rate"/>, where the word can have it.</summary>
    public static string Apply(string text, double rate, WordError error, Random random)
    {
        var edit = new TextEdit(text);
        foreach (var (begin, end) in Words.Places(text))
        {
            if (random.NextDouble() < rate)
            {
                error(ref edit, begin, end, random);
            }
        }
        return edit.Finish();
    }

    /// <summary>One of several kinds, drawn by weight among those that a word can have.</summary>
    public static WordError Any(params (int Weight, WordError Error)[] kinds)
    {
        var sum = kinds.Sum(kind => kind.Weight);
        return (ref TextEdit edit, int begin, int end, Random random) =>
        {
            for (var draw = 0; draw < Draws; draw++)
            {
                if (Drawn(kinds, random.Next(sum))(ref edit, begin, end, random))
                {
                    return true;
                }
            }
            foreach (var (_, error) in kinds)
            {
                if (error(ref edit, begin, end, random))
                {
                    return true;
                }
            }
            return false;
        };
    }

    static WordError Drawn((int Weight, WordError Error)[] kinds, int number)
    {
        var kind = 0;
        for (; number >= kinds[kind].Weight; kind++)
        {
            number -= kinds[kind].Weight;
        }
        return kinds[kind].Error;
    }

    /// <summary>
    /// A character of a word that something can be done to: the first such one from any place on, around the end. The first character
    /// is hit rarely, as in real misspellings: where it is drawn, it is drawn once more.
    /// </summary>
    /// <returns>Where it begins; -1 where there is none.</returns>
    public static int Place(ReadOnlySpan<char> word, Random random, Func<ReadOnlySpan<char>, int, bool> isPossible)
    {
        var count = TextElements.Count(word);
        var skip = random.Next(count) is > 0 and var drawn ? drawn : random.Next(count);
        var at = 0;
        for (var i = 0; i < skip + count; i++, at = Next(word, at))
        {
            if (i >= skip && isPossible(word, at))
            {
                return at;
            }
        }
        return -1;
    }

    static int Next(ReadOnlySpan<char> word, int at) => at + TextElements.LengthAt(word, at) is var next && next < word.Length ? next : 0;
}
