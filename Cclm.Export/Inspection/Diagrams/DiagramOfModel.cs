using Onnx;

namespace Cclm.Export;

/// <summary>Which boxes a model has.</summary>
static class DiagramOfModel
{
    const int EdgesShown = 12, OperatorsShown = 8;

    public static ModelDiagram Draw(ModelProto model)
    {
        if (!ModelProperties.Read(model).ContainsKey("cclm.format"))
        {
            return OneBox(model, "ONNX model", DiagramKind.Model, model.Graph.Name.Length > 0 ? model.Graph.Name : "model", Operators(ModelSummary.Of(model)));
        }
        var metadata = ModelProperties.Metadata(model);
        return metadata.Parts.Count > 0 ? new DiagramOfParts(model, metadata).Draw()
            : OneBox(model, $"CCLM {metadata.Kind}", KindOf(metadata.Kind), metadata.Kind, Answer(metadata.Head));
    }

    /// <summary>Parameters and bytes in words.</summary>
    public static IEnumerable<string> Size(long parameters, long bytes) => parameters == 0 ? [] : [$"{SummaryTable.Number(parameters)} parameter{(parameters == 1 ? "" : "s")}", Bytes(bytes)];

    /// <summary>What a head answers in words.</summary>
    public static IEnumerable<string> Answer(ModelHead? head) => head is null ? [] : [$"{head.Task}, {SummaryTable.Number(head.Labels.Count)} labels"];

    /// <summary>An input or output with its type.</summary>
    public static DiagramBox Edge(int layer, ValueInfoProto value) => new(layer, DiagramKind.Edge, value.Name, [OnnxValues.Describe(value.Type)]);

    public static DiagramKind KindOf(string kind) => kind switch { "tower" => DiagramKind.Tower, "head" => DiagramKind.Head, "embedder" or "composed" => DiagramKind.Embedder, _ => DiagramKind.Model };

    static ModelDiagram OneBox(ModelProto model, string title, DiagramKind kind, string name, IEnumerable<string> said)
    {
        var summary = ModelSummary.Of(model);
        var weights = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        var inputs = Edges(0, model.Graph.Input.Where(input => !weights.Contains(input.Name)).ToArray()).ToArray();
        var outputs = Edges(2, model.Graph.Output).ToArray();
        var box = new DiagramBox(1, kind, name, [.. said, .. Size(summary.Parameters, summary.Bytes)]);
        return new($"{title} {name}", [.. inputs, box, .. outputs], [.. inputs.Select((_, i) => new DiagramArrow(i, inputs.Length)),
            .. outputs.Select((_, i) => new DiagramArrow(inputs.Length, inputs.Length + 1 + i))]);
    }

    static IEnumerable<DiagramBox> Edges(int layer, IReadOnlyCollection<ValueInfoProto> values)
    {
        var more = values.Count - EdgesShown;
        return values.Take(EdgesShown).Select(value => Edge(layer, value)).Concat(more > 0 ? [new DiagramBox(layer, DiagramKind.Edge, $"and {more} more", [])] : []);
    }

    static IEnumerable<string> Operators(ModelSummary summary)
    {
        var more = summary.Operators.Skip(OperatorsShown).Sum(count => count.Value);
        return summary.Operators.Take(OperatorsShown).Select(count => $"{SummaryTable.Number(count.Value)} {count.Key}").Concat(more > 0 ? [$"{SummaryTable.Number(more)} others"] : []);
    }

    static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{SummaryTable.Number(bytes)} bytes",
        < 10_000_000 => $"{SummaryTable.Number(bytes / 1000)} kB",
        _ => $"{SummaryTable.Number(bytes / 1_000_000)} MB",
    };
}
