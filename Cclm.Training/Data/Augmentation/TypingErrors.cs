namespace Cclm.Training.Data;

/// <summary>What fingers do to a word besides hitting a key beside the right one.</summary>
static class TypingErrors
{
    /// <summary>Two different characters side by side in the wrong order.</summary>
    public static bool Transpose(ref TextEdit edit, int begin, int end, Random random)
    {
        var word = edit.Text[begin..end];
        var at = WordNoise.Place(word, random, static (word, at) => After(word, at) is { Length: > 0 } after && !after.SequenceEqual(Character(word, at)));
        if (at < 0)
        {
            return false;
        }
        var second = After(word, at);
        var from = begin + at + Character(word, at).Length;
        edit.Replace(begin + at, begin + at, second);           // before the first one, and no more after it
        edit.Replace(from, from + second.Length, []);
        return true;
    }

    /// <summary>A character left out, of a word that has others.</summary>
    public static bool Drop(ref TextEdit edit, int begin, int end, Random random)
    {
        var word = edit.Text[begin..end];
        var at = WordNoise.Place(word, random, static (word, at) => Character(word, at).Length < word.Length);
        if (at < 0)
        {
            return false;
        }
        edit.Replace(begin + at, begin + at + Character(word, at).Length, []);
        return true;
    }

    /// <summary>A character written twice: possible in every word.</summary>
    public static bool Double(ref TextEdit edit, int begin, int end, Random random)
    {
        var word = edit.Text[begin..end];
        var at = WordNoise.Place(word, random, static (_, _) => true);
        edit.Replace(begin + at, begin + at, Character(word, at));
        return true;
    }

    static ReadOnlySpan<char> Character(ReadOnlySpan<char> word, int at) => word.Slice(at, TextElements.LengthAt(word, at));

    static ReadOnlySpan<char> After(ReadOnlySpan<char> word, int at) =>
        at + TextElements.LengthAt(word, at) is var next && next < word.Length ? Character(word, next) : [];
}
