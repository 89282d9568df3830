using System.Globalization;
using System.Text;

namespace Cclm.Export;

/// <summary>A <see cref="ModelDiagram"/> as a flowchart of Mermaid.</summary>
static class MermaidDiagram
{
    const string Plain = " .,:_-/+[]()";

    public static string Write(ModelDiagram diagram)
    {
        var text = new StringBuilder("flowchart LR\n");
        for (var i = 0; i < diagram.Boxes.Count; i++)
        {
            var box = diagram.Boxes[i];
            var label = string.Join("<br/>", box.Lines.Prepend(box.Title).Select(Escape));
            text.Append(CultureInfo.InvariantCulture, $"    n{i}{(box.Kind == DiagramKind.Edge ? $"([\"{label}\"])" : $"[\"{label}\"]")}\n");
        }
        foreach (var arrow in diagram.Arrows)
        {
            text.Append(CultureInfo.InvariantCulture, $"    n{arrow.From} --> n{arrow.To}\n");
        }
        return text.ToString();
    }

    /// <summary>Letters, digits and a few signs as they are, everything else as Mermaid's codes: #35; is the number sign.</summary>
    static string Escape(string text) => string.Concat(VisibleText.Of(text).EnumerateRunes().Select(rune =>
        Rune.IsLetterOrDigit(rune) || Plain.Contains(rune.ToString(), StringComparison.Ordinal) ? rune.ToString() : $"#{rune.Value};"));
}
