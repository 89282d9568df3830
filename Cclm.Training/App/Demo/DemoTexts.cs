using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>A text of the demo's corpus.</summary>
/// <param name="Title">What a search shows it as: a member's name, or nothing.</param>
/// <param name="Label">What the second tower is to tell.</param>
/// <param name="Text">The text.</param>
sealed record DemoText(string Title, string Label, string Text);

/// <summary>Where the demo's texts come from.</summary>
static class DemoTexts
{
    /// <summary>The summaries of the .NET API, labelled by namespace.</summary>
    public static IReadOnlyList<DemoText> FromApiDocumentation() =>
        [.. ApiDocumentation.Read().Select(member => new DemoText(member.Name, member.Namespace, member.Summary))];

    /// <summary>Lines of label, tab, text.</summary>
    public static IReadOnlyList<DemoText> FromFile(string path) =>
        [.. Corpus.ReadLabelled(path).Select(row => new DemoText("", row.Label, row.Text))];
}
