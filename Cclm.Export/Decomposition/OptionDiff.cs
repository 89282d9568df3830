using System.Globalization;
using Onnx;

namespace Cclm.Export;

/// <summary>Something beside the parts that two models have not alike.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Before">What the earlier model has; null for nothing.</param>
/// <param name="After">What the later one has.</param>
public sealed record OptionDiff(string Name, string? Before, string? After)
{
    internal static IReadOnlyList<OptionDiff> Of(ModelProto before, ModelProto after) =>
        [.. Options(before).Zip(Options(after), (old, now) => new OptionDiff(old.Name, old.Value, now.Value)).Where(option => option.Before != option.After)];

    static IEnumerable<(string Name, string? Value)> Options(ModelProto model)
    {
        var (metadata, summary) = (ModelProperties.Metadata(model), ModelSummary.Of(model));
        var encoding = metadata.Preprocessor is null ? null : TextEncoding.Of(model);
        string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
        yield return ("inputs", string.Join(", ", summary.Inputs.Select(input => $"{input.Key} {input.Value}")));
        yield return ("pooling", metadata.Pooling);
        yield return ("maximum length", Number(encoding?.MaxLength));
        yield return ("downsample factor", Number(encoding?.DownsampleFactor));
        yield return ("CLS", encoding?.AddCls.ToString(CultureInfo.InvariantCulture).ToLowerInvariant());
        yield return ("characters", Number(encoding?.Characters.EnumerateRunes().Count()));
        yield return ("vocabulary", metadata.Vocabulary);
        yield return ("producer", summary.Producer);
        yield return ("operator sets", string.Join(", ", summary.Opsets.Select(opset => $"{opset.Key} {opset.Value}")));
    }
}
