using System.Globalization;
using System.Text;

namespace Cclm.Export;

/// <summary>One table of a <see cref="ModelSummary"/>.</summary>
/// <param name="Head">The columns' names.</param>
/// <param name="Rows">As many cells each.</param>
public sealed record SummaryTable(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    const int ValueShown = 64;

    internal static IReadOnlyList<SummaryTable> Of(ModelSummary summary) =>
    [
        new(["", "name", "type"], [.. summary.Inputs.Select(input => (string[])["input", input.Key, input.Value]),
            .. summary.Outputs.Select(output => (string[])["output", output.Key, output.Value])]),
        new(["part", "kind", "parameters", "bytes", "hidden", "embedding", "weights"], [.. summary.Parts.Select(Row)]),
        .. summary.Cost is { } cost ? (SummaryTable[])[cost.ToTable()] : [],
        new(["operator", "nodes"], [.. summary.Operators.Select(count => (string[])[count.Key, Number(count.Value)])]),
        new(["metadata", "value"], [.. summary.Metadata.Select(pair => (string[])[pair.Key, Abbreviate(pair.Value)])]),
    ];

    internal void AppendMarkdown(StringBuilder text)
    {
        foreach (var row in Rows.Prepend([.. Head.Select(_ => "---")]).Prepend(Head))
        {
            text.Append("| ").AppendJoin(" | ", row.Select(Escape)).Append(" |\n");
        }
        text.Append('\n');
    }

    /// <summary>A cell is one line, and what it quotes of a model is no markup.</summary>
    static string Escape(string cell) => VisibleText.Of(cell).Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    internal static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static string Abbreviate(string value) => value.Length <= ValueShown ? value
        : $"{value[..ValueShown]}.. ({Number(value.Length)} characters)";

    static string[] Row(PartSummary part) =>
    [
        part.Name, part.Kind, Number(part.Parameters), Number(part.Bytes), part.Hidden ?? "", part.Embedding ?? "",
        part.Weights[..Math.Min(12, part.Weights.Length)],
    ];
}
