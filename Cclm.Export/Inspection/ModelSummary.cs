using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Onnx;

namespace Cclm.Export;

/// <summary>What a model is made of, for people and for scripts.</summary>
/// <param name="IrVersion">Version of the file's format.</param>
/// <param name="Producer">What wrote the file, with its version.</param>
/// <param name="Opsets">Operator sets and their versions.</param>
/// <param name="Inputs">Names and types, such as <c>int64[B,T]</c>.</param>
/// <param name="Outputs">Names and types.</param>
/// <param name="Parts">The parts of a composed model, or the one part that a model is.</param>
/// <param name="Operators">How often each operator occurs, nested graphs included; the most frequent first.</param>
/// <param name="Parameters">Numbers in all weights.</param>
/// <param name="Bytes">Bytes of all weights.</param>
/// <param name="Metadata">The metadata, key by key.</param>
/// <param name="Cost">What a run takes, where it was asked for (<see cref="ModelCost.Of"/>).</param>
public sealed record ModelSummary(
    long IrVersion,
    string Producer,
    IReadOnlyDictionary<string, long> Opsets,
    IReadOnlyDictionary<string, string> Inputs,
    IReadOnlyDictionary<string, string> Outputs,
    IReadOnlyList<PartSummary> Parts,
    IReadOnlyDictionary<string, int> Operators,
    long Parameters,
    long Bytes,
    IReadOnlyDictionary<string, string> Metadata,
    ModelCost? Cost = null)
{
    /// <summary>Describes a model.</summary>
    /// <exception cref="OnnxModelException">The model's CCLM metadata is damaged. A model without any is described all the same.</exception>
    public static ModelSummary Of(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var all = PartSummary.Of(model, "model", "", "", "");
        var operators = model.Graph.Node.SelectMany(node => node.AndNested())
            .CountBy(node => node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}")
            .OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal);
        return new(
            model.IrVersion,
            $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            model.OpsetImport.ToDictionary(import => OperatorSets.Name(import.Domain), import => import.Version),
            model.Graph.Input.ToDictionary(input => input.Name, input => OnnxValues.Describe(input.Type)),
            model.Graph.Output.ToDictionary(output => output.Name, output => OnnxValues.Describe(output.Type)),
            PartsOf(model, all),
            operators.ToDictionary(),
            all.Parameters,
            all.Bytes,
            ModelProperties.Read(model));
    }

    /// <summary>The summary as one JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelSummaryJson.Default.ModelSummary);

    /// <summary>The summary in one line: producer, format, operator sets, size.</summary>
    public string ToHeadline() =>
        $"{Producer}, IR {IrVersion}, opsets {string.Join(", ", Opsets.Select(opset => $"{opset.Key} {opset.Value}"))}; " +
        $"{SummaryTable.Number(Parameters)} parameters, {SummaryTable.Number(Bytes)} bytes of weights";

    /// <summary>Inputs and outputs, parts, cost, operators and metadata.</summary>
    public IReadOnlyList<SummaryTable> ToTables() => SummaryTable.Of(this);

    /// <summary>The summary as tables in Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"{ToHeadline()}\n\n");
        foreach (var table in ToTables())
        {
            table.AppendMarkdown(text);
        }
        return text.ToString().TrimEnd() + "\n";
    }

    static PartSummary[] PartsOf(ModelProto model, PartSummary all)
    {
        if (!ModelProperties.Read(model).ContainsKey("cclm.format"))
        {
            return [all];
        }
        var metadata = ModelProperties.Metadata(model);
        return metadata.Parts.Count == 0
            ? [all with { Name = metadata.Kind, Kind = metadata.Kind, Weights = metadata.Weights }]
            : [.. metadata.Parts.Select(part => Describe(model, part))];
    }

    static PartSummary Describe(ModelProto model, ModelPart part) =>
        PartSummary.Of(model, part.Name, part.Kind, part.Weights, $"{part.Path}.") with { Hidden = Range(part.Hidden), Embedding = Range(part.Embedding) };

    static string? Range(ModelSlice? slice) => slice is null ? null : $"{slice.Start}..{slice.Start + slice.Width}";
}

/// <summary>One part of a model.</summary>
/// <param name="Name"><c>embedder</c>, or the tower's or head's name.</param>
/// <param name="Kind"><c>embedder</c>, <c>tower</c>, <c>head</c> or <c>composed</c>; empty where the model does not say.</param>
/// <param name="Weights">SHA-256 of its weights; empty where the model does not say.</param>
/// <param name="Parameters">Numbers in its weights.</param>
/// <param name="Bytes">Bytes of its weights.</param>
/// <param name="Hidden">Its slice of the last dimension of <c>hidden</c>, end exclusive.</param>
/// <param name="Embedding">Its slice of <c>embedding</c>, end exclusive.</param>
public sealed record PartSummary(string Name, string Kind, string Weights, long Parameters, long Bytes, string? Hidden = null, string? Embedding = null)
{
    internal static PartSummary Of(ModelProto model, string name, string kind, string weights, string prefix)
    {
        var (parameters, bytes) = (0L, 0L);
        foreach (var tensor in model.Graph.Initializer.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var shape = tensor.Dims.ToArray();
            parameters += ElementType.Count(shape) ?? 0;
            bytes += ElementType.ByteLength((TensorProto.Types.DataType)tensor.DataType, shape) ?? 0;
        }
        return new(name, kind, weights, parameters, bytes);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ModelSummary))]
sealed partial class ModelSummaryJson : JsonSerializerContext;
