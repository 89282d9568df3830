using System.Globalization;
using System.Text;

namespace Cclm.Inference;

/// <summary>A model card in markdown: what a component.json says, for people.</summary>
static class ModelCard
{
    public static string Of(Component component)
    {
        var card = new StringBuilder();
        card.Append(CultureInfo.InvariantCulture, $"# {component.Name} {component.Version}\n\n");
        card.Append(CultureInfo.InvariantCulture, $"{component.Description ?? "No description was given."}\n\n");
        card.Append("| | |\n|---|---|\n");
        Row("Kind", $"{component.Kind.ItemType} of a CCLM text model");
        Row("Licence", component.Licence);
        Row("Trained on", component.Data);
        Row("Weights", Code(component.Weights));
        Row("Vocabulary", Code(component.Vocabulary));
        foreach (var parent in component.Parents)
        {
            Row(component.Kind == ComponentKind.Composed ? "Made of" : "Stands on", $"{parent.Kind.ItemType} {(parent.Name is null ? "" : $"{parent.Name} ")}{Code(parent.Hash)}");
        }
        Row("Options", Code(component.Options?.GetRawText()));
        if (component.Metrics.Count > 0)
        {
            card.Append("\n## Measured\n\n| metric | value |\n|---|---|\n");
            foreach (var (name, value) in component.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal))
            {
                Row(name, value.ToString("R", CultureInfo.InvariantCulture));
            }
        }
        card.Append(CultureInfo.InvariantCulture, $"\n## Use\n\n```sh\ncclm shelf fetch {component.Identifier} --kind {component.Kind.ItemType} --shelf <address> --tag <tag>\n```\n");
        return card.ToString();

        void Row(string name, string? value)
        {
            if (value is not null)
            {
                card.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {Cell(value)} |\n");
            }
        }
    }

    static string? Code(string? text) => text is null ? null : $"`{text}`";

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
