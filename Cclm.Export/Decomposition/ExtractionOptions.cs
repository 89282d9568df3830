using Onnx;

namespace Cclm.Export;

/// <summary>What <see cref="Extractor"/> has to be told beside the edges.</summary>
public sealed record ExtractionOptions
{
    /// <summary>Types of edges where the cut goes through, for those of which the model does not say it. They go before what the model says.</summary>
    public IReadOnlyList<ValueInfoProto> Types { get; init; } = [];

    /// <summary>Whether the model's <c>metadata_props</c> go along. They describe the whole model, so by default they do not.</summary>
    public bool KeepMetadata { get; init; }
}
