using System.Globalization;
using System.Text;

namespace Cclm;

/// <summary>Text of any origin on one line of a page or a log, where it can neither act nor vanish.</summary>
static class VisibleText
{
    const int ControlPictures = 0x2400, Delete = 0x7F, DeletePicture = 0x2421;

    /// <summary>The text with a picture for each control character (U+2400 and after), and U+FFFD for what is no character.</summary>
    public static string Of(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
    {
        < ' ' => new Rune(ControlPictures + rune.Value),
        Delete => new Rune(DeletePicture),
        _ => IsShown(rune) ? rune : Rune.ReplacementChar,
    }));

    static bool IsShown(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && rune.Value is not (>= 0xFDD0 and <= 0xFDEF) && (rune.Value & 0xFFFE) != 0xFFFE;      // noncharacters
}
