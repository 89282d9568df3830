using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Onnx;

namespace Cclm.Export;

/// <summary>How two models differ, part by part.</summary>
/// <param name="Parts">The parts of both: those of the later model in its order, then those that it has not any more.</param>
/// <param name="Options">What differs beside the parts: pooling, preprocessor, producer and the like.</param>
public sealed record ModelDiff(IReadOnlyList<PartDiff> Parts, IReadOnlyList<OptionDiff> Options)
{
    /// <summary>Compares two composed models, or two parts of one kind.</summary>
    /// <exception cref="OnnxModelException">One is no CCLM model, they are of different kinds, or their weights can not be read.</exception>
    public static ModelDiff Of(ModelProto before, ModelProto after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (ModelProperties.Metadata(before).Kind is var kind && ModelProperties.Metadata(after).Kind is var other && kind != other)
        {
            throw new OnnxModelException($"The first model is of kind '{kind}' and the second of kind '{other}'; expected two of one kind. 'cclm decompose' writes the parts of a composed model.");
        }
        var (old, now) = (PartsOf(before), PartsOf(after));
        var (oldCommon, nowCommon) = (old.Intersect(now).ToList(), now.Intersect(old).ToList());
        var kept = now.Select(part => !oldCommon.Contains(part)
            ? new PartDiff(part, PartChange.Added)
            : PartDiff.Of(before, after, part, PrefixOf(before, part)) with { Moved = oldCommon.IndexOf(part) != nowCommon.IndexOf(part) });
        var removed = old.Except(now).Select(part => new PartDiff(part, PartChange.Removed));
        return new([.. kept.Concat(removed)], OptionDiff.Of(before, after));
    }

    /// <summary>Whether anything differs.</summary>
    [JsonIgnore]
    public bool IsEmpty => Options.Count == 0 && Parts.All(part => part is { Change: PartChange.Unchanged, Moved: false });

    /// <summary>The difference in one line.</summary>
    public string ToHeadline() => IsEmpty ? "The models have the same parts and options."
        : $"{Counted(Parts.Count(part => part.Change != PartChange.Unchanged))} of {Parts.Count}, {Parts.Count(part => part.Moved)} moved, {Options.Count} options.";

    /// <summary>Parts, the tensors of changed parts that changed most, and options.</summary>
    public IReadOnlyList<SummaryTable> ToTables() => DiffTables.Of(this);

    /// <summary>The difference as tables in Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"{ToHeadline()}\n\n");
        foreach (var table in ToTables())
        {
            table.AppendMarkdown(text);
        }
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>The difference as one JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelDiffJson.Default.ModelDiff);

    static string Counted(int parts) => parts == 1 ? "1 part differs" : $"{parts} parts differ";

    static List<string> PartsOf(ModelProto model)
    {
        var metadata = ModelProperties.Metadata(model);
        return metadata.Parts.Count == 0 ? [metadata.Kind] : [.. metadata.Parts.Select(part => part.Path)];
    }

    /// <summary>What the names of a part begin with; nothing where it is a file of its own.</summary>
    static string PrefixOf(ModelProto model, string part) => ModelProperties.Metadata(model).Parts.Count == 0 ? "" : $"{part}.";
}

/// <summary>What became of a part.</summary>
public enum PartChange
{
    /// <summary>Weights and graph are the same.</summary>
    Unchanged,

    /// <summary>Its weights or its graph are others.</summary>
    Changed,

    /// <summary>Only the later model has it.</summary>
    Added,

    /// <summary>Only the earlier model has it.</summary>
    Removed,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(ModelDiff))]
sealed partial class ModelDiffJson : JsonSerializerContext;
