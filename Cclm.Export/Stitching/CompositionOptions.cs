using Onnx;

namespace Cclm.Export;

/// <summary>How parts become one model.</summary>
public sealed record CompositionOptions
{
    /// <summary>The pooled output <c>embedding</c>; null leaves the model with its per-position outputs alone.</summary>
    public PoolingOptions? Pooling { get; init; }

    /// <summary>Heads that answer from the towers that they name: hidden [B,T,C], mask [B,T] -> logits [B,K] or [B,T,K]. Each becomes an output <c>logits_{name}</c>.</summary>
    public IReadOnlyList<(string Name, ModelProto Model)> Heads { get; init; } = [];

    /// <summary>Whether a tower may stand on an embedder that it was not trained on, and a head on such towers.</summary>
    /// <remarks>For experiments: the tower reads channels that mean something else now, and what it says is noise until it is retrained.</remarks>
    public bool AllowOtherEmbedder { get; init; }
}
