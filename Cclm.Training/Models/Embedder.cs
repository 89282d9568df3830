using TorchSharp.Modules;

namespace Cclm.Training;

/// <summary>The base that towers stand on: character ids [B,T] to hidden [B,T,C]. A <see cref="ComposedModel"/> is one too.</summary>
public abstract class Embedder(string name) : Layer(name)
{
    /// <summary>C, the channels of every position.</summary>
    public abstract int Width { get; }

    /// <summary>V, how many ids there are.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>The longest text, in ids.</summary>
    public abstract int MaxLength { get; }

    /// <summary>Whether a position knows of nothing that comes after it.</summary>
    public virtual bool Causal => false;

    /// <summary>Its weights by their distance from what stands on it: of a composed model those of its towers, then those of its base.</summary>
    internal virtual IEnumerable<IEnumerable<Parameter>> PartsByDepth() => [parameters()];
}
