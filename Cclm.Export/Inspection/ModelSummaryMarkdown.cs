using System.Globalization;
using System.Text;

namespace Cclm.Export;

/// <summary>A <see cref="ModelSummary"/> as Markdown.</summary>
static class ModelSummaryMarkdown
{
    public static string Write(ModelSummary summary)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{summary.Producer}, IR {summary.IrVersion}, ");
        text.Append("opsets ").AppendJoin(", ", summary.Opsets.Select(opset => $"{opset.Key} {opset.Value}"));
        text.Append(CultureInfo.InvariantCulture, $"; {summary.Parameters:N0} parameters, {summary.Bytes:N0} bytes of weights\n\n");
        Table(text, ["", "name", "type"], summary.Inputs.Select(input => (string[])["input", input.Key, input.Value])
            .Concat(summary.Outputs.Select(output => (string[])["output", output.Key, output.Value])));
        Table(text, ["part", "kind", "parameters", "bytes", "hidden", "embedding", "weights"], summary.Parts.Select(Row));
        Table(text, ["operator", "nodes"], summary.Operators.Select(count => (string[])[count.Key, Number(count.Value)]));
        Table(text, ["metadata", "characters"], summary.Metadata.Select(pair => (string[])[pair.Key, Number(pair.Value)]));
        return text.ToString().TrimEnd() + "\n";
    }

    static string[] Row(PartSummary part) =>
    [
        part.Name, part.Kind, Number(part.Parameters), Number(part.Bytes), part.Hidden ?? "", part.Embedding ?? "",
        part.Weights[..Math.Min(12, part.Weights.Length)],
    ];

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static void Table(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        foreach (var row in rows.Prepend([.. head.Select(_ => "---")]).Prepend(head))
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }
        text.Append('\n');
    }
}
