using Onnx;

namespace Cclm.Export;

/// <summary>The parts of a composed model, and how they were composed.</summary>
/// <param name="Embedder">The embedder, or the composed model in its place. One that had heads comes back without them: their weights are not in the file.</param>
/// <param name="Towers">Names and models, in the order of their slices.</param>
/// <param name="Options">Pooling and heads. Another embedder is allowed where one of the parts was trained on another.</param>
/// <param name="TextIn">Whether the model takes text instead of ids.</param>
public sealed record Decomposition(ModelProto Embedder, IReadOnlyList<(string Name, ModelProto Model)> Towers, CompositionOptions Options, bool TextIn)
{
    /// <summary>Composes the parts again: the inverse of <see cref="Decomposer.Decompose"/>.</summary>
    /// <inheritdoc cref="Composer.Compose"/>
    public ModelProto Compose()
    {
        var composed = Composer.Compose(Embedder, Towers, Options);
        return TextIn ? TextInput.Prepend(composed) : composed;
    }
}
