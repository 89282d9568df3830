using System.Globalization;

namespace Cclm.Export;

/// <summary>A <see cref="ModelDiff"/> as tables.</summary>
static class DiffTables
{
    const int TensorsShown = 5;

    public static IReadOnlyList<SummaryTable> Of(ModelDiff diff)
    {
        List<SummaryTable> tables = [new(["part", "", "place", "graph", "relative change"], [.. diff.Parts.Select(Row)])];
        var tensors = diff.Parts.SelectMany(Tensors).ToArray();
        if (tensors.Length > 0)
        {
            tables.Add(new(["part", "tensor", "before", "after", "relative change"], tensors));
        }
        if (diff.Options.Count > 0)
        {
            tables.Add(new(["option", "before", "after"], [.. diff.Options.Select(option => (string[])[option.Name, option.Before ?? "none", option.After ?? "none"])]));
        }
        return tables;
    }

    static string[] Row(PartDiff part) =>
        [part.Part, part.Change.ToString().ToLowerInvariant(), part.Moved ? "moved" : "", part.GraphChanged ? "changed" : "", Number(part.RelativeChange)];

    static IEnumerable<string[]> Tensors(PartDiff part)
    {
        foreach (var tensor in part.Tensors.Take(TensorsShown))
        {
            yield return [part.Part, tensor.Name, tensor.Before ?? "none", tensor.After ?? "none", Number(tensor.RelativeChange)];
        }
        if (part.Tensors.Count > TensorsShown)
        {
            yield return [part.Part, $"and {part.Tensors.Count - TensorsShown} more", "", "", ""];
        }
    }

    static string Number(double? change) => change?.ToString("G3", CultureInfo.InvariantCulture) ?? "";
}
