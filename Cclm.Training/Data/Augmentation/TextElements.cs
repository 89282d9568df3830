using System.Globalization;

namespace Cclm.Training.Data;

/// <summary>
/// Characters as readers see them: extended grapheme clusters (Unicode Standard Annex 29), such as a letter with its combining marks
/// or a family of emoji.
/// </summary>
static class TextElements
{
    /// <summary>The UTF-16 units of the character that begins at a place.</summary>
    public static int LengthAt(ReadOnlySpan<char> text, int at) =>
        StandsAlone(text[at]) && (at + 1 == text.Length || StandsAlone(text[at + 1])) ? 1 : StringInfo.GetNextTextElementLength(text[at..]);

    /// <summary>How many characters there are.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var at = 0; at < text.Length; at += LengthAt(text, at))
        {
            count++;
        }
        return count;
    }

    /// <summary>Whether a unit never joins another one that does not either: the letters of the large scripts. The others are left to .NET.</summary>
    public static bool StandsAlone(char unit) => unit switch
    {
        < '\u0300' => unit != '\r',                             // CR LF is one character
        >= '\u0370' and <= '\u0482' => true,                    // Greek, Cyrillic
        >= '\u048a' and <= '\u0556' => true,                    // Cyrillic, Armenian
        >= '\u05d0' and <= '\u05ea' => true,                    // Hebrew
        >= '\u0620' and <= '\u064a' => true,                    // Arabic
        >= '\u1e00' and <= '\u1fff' => true,                    // Latin and Greek with accents
        >= '\u3041' and <= '\u3096' => true,                    // Hiragana
        >= '\u30a1' and <= '\u30fa' => true,                    // Katakana
        >= '\u3400' and <= '\u9fff' => true,                    // Han
        >= '\uac00' and <= '\ud7a3' => true,                    // Hangul syllables
        _ => false,
    };
}
