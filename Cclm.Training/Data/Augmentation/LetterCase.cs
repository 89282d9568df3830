using System.Text;

namespace Cclm.Training.Data;

/// <summary>Upper and lower case, character by character, whatever the culture.</summary>
static class LetterCase
{
    const char LongS = 'ſ';     // a capital S by ICU, none by .NET without ICU; it stays, so that all machines agree

    public static string Lower(string text) => text.ToLowerInvariant();

    public static string Upper(string text) => !text.Contains(LongS, StringComparison.Ordinal) ? text.ToUpperInvariant()
        : string.Join(LongS, text.Split(LongS).Select(part => part.ToUpperInvariant()));

    public static string TitleFirst(string text)
    {
        var edit = new TextEdit(text);
        if (text.Length > 0)
        {
            Recase(ref edit, 0, RuneAt(text, 0).Length, UpperOf);
        }
        return edit.Finish();
    }

    /// <summary>A text in the case of a word: all upper where the word is (and has two letters or more), all lower, or with a capital first.</summary>
    public static string As(ReadOnlySpan<char> word, string text)
    {
        var (upper, lower) = (0, 0);
        foreach (var rune in word.EnumerateRunes())
        {
            upper += Rune.IsUpper(rune) ? 1 : 0;
            lower += Rune.IsLower(rune) ? 1 : 0;
        }
        return upper == 0 ? Lower(text)
            : lower == 0 && upper > 1 ? Upper(text)
            : Rune.IsUpper(RuneAt(word, 0).Rune) ? TitleFirst(text)
            : text;
    }

    /// <summary>The capitals of a word left out.</summary>
    public static bool LowerWord(ref TextEdit edit, int begin, int end, Random random) => Recase(ref edit, begin, end, Rune.ToLowerInvariant);

    /// <summary>A word written with Caps Lock.</summary>
    public static bool UpperWord(ref TextEdit edit, int begin, int end, Random random) => Recase(ref edit, begin, end, UpperOf);

    /// <summary>A capital at the beginning of a word that has none.</summary>
    public static bool Capital(ref TextEdit edit, int begin, int end, Random random) =>
        Recase(ref edit, begin, begin + RuneAt(edit.Text, begin).Length, UpperOf);

    /// <summary>A second capital after the first one: Shift was held too long.</summary>
    public static bool SecondCapital(ref TextEdit edit, int begin, int end, Random random)
    {
        var (first, length) = RuneAt(edit.Text, begin);
        var second = begin + length;
        return Rune.IsUpper(first) && second < end && Recase(ref edit, second, second + RuneAt(edit.Text, second).Length, UpperOf);
    }

    /// <summary>Changes the letters from one place to another; false where that changes nothing.</summary>
    static bool Recase(ref TextEdit edit, int begin, int end, Func<Rune, Rune> change)
    {
        Span<char> units = stackalloc char[2];
        var changed = false;
        for (int at = begin, length; at < end; at += length)
        {
            (var rune, length) = RuneAt(edit.Text, at);
            if (Rune.IsLetter(rune) && change(rune) is var other && other != rune)
            {
                edit.Replace(at, at + length, units[..other.EncodeToUtf16(units)]);
                changed = true;
            }
        }
        return changed;
    }

    static Rune UpperOf(Rune letter) => letter.Value == LongS ? letter : Rune.ToUpperInvariant(letter);

    static (Rune Rune, int Length) RuneAt(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
        return (rune, length);
    }
}
