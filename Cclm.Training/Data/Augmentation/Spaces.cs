namespace Cclm.Training.Data;

/// <summary>Spaces lost, doubled and out of place. Line ends and tabs, which separate more than words, stay.</summary>
static class Spaces
{
    /// <summary>The space after a word lost.</summary>
    public static bool Lose(ref TextEdit edit, int begin, int end, Random random)
    {
        if (!IsBeforeSpace(edit.Text, end) || end + 1 == edit.Text.Length)
        {
            return false;
        }
        edit.Replace(end, end + 1, []);
        return true;
    }

    /// <summary>The space after a word written twice.</summary>
    public static bool Double(ref TextEdit edit, int begin, int end, Random random)
    {
        if (!IsBeforeSpace(edit.Text, end))
        {
            return false;
        }
        edit.Replace(end, end, " ");
        return true;
    }

    /// <summary>A space inside a word.</summary>
    public static bool Insert(ref TextEdit edit, int begin, int end, Random random)
    {
        var at = WordNoise.Place(edit.Text[begin..end], random, static (_, at) => at > 0);
        if (at < 0)
        {
            return false;
        }
        edit.Replace(begin + at, begin + at, " ");
        return true;
    }

    /// <summary>Whether there is a space, and not one that carries a combining mark.</summary>
    static bool IsBeforeSpace(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] == ' ' && TextElements.LengthAt(text, at) == 1;
}
