using System.Globalization;
using System.Text;

namespace Cclm.Export;

/// <summary>How much room text takes in a sans-serif font, estimated to the wide side, and what is shown of text that takes too much.</summary>
static class DiagramText
{
    const string Narrow = "fijlrtI.,:;!|'`()[]{} -";

    /// <summary>Width in the unit of the font's size.</summary>
    public static double Width(string text, double size) => size * text.EnumerateRunes().Sum(Width);

    /// <summary>The text, or as many of its characters as there is room for and an ellipsis.</summary>
    public static string Fit(string text, double size, double room)
    {
        text = VisibleText.Of(text);
        if (Width(text, size) <= room)
        {
            return text;
        }
        var kept = new StringBuilder();
        foreach (var element in Elements(text).TakeWhile(element => Width($"{kept}{element}\u2026", size) <= room))
        {
            kept.Append(element);
        }
        return $"{kept}\u2026";
    }

    static double Width(Rune rune) => rune.Value switch
    {
        < 0x80 when Narrow.Contains((char)rune.Value, StringComparison.Ordinal) => 0.4,
        'm' or 'w' or 'M' or 'W' or '@' or '%' => 0.95,
        < 0x80 when Rune.IsUpper(rune) => 0.75,
        < 0x500 => 0.65,
        _ => 1.1,
    };

    static IEnumerable<string> Elements(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            yield return elements.GetTextElement();
        }
    }
}
