using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>The size of a <see cref="FeedForwardTower"/>.</summary>
public sealed record FeedForwardOptions
{
    /// <summary>Feed-forward layers.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Channels inside them.</summary>
    public int FeedForward { get; init; } = 256;

    /// <summary>Dropout after each.</summary>
    public double Dropout { get; init; } = 0.1;
}

/// <summary>Each position for itself: what an embedder with n-grams knows of words, put otherwise. The quickest tower, for tasks on whole texts.</summary>
public sealed class FeedForwardTower : Tower
{
    readonly ModuleList<LayerNorm> norms;
    readonly ModuleList<Linear> ups, downs;
    readonly Dropout dropout;

    /// <param name="embedder">What the tower stands on; its width is the tower's.</param>
    /// <param name="options">The tower's size.</param>
    /// <exception cref="ArgumentException">A size is not positive, or the dropout is not below 1.</exception>
    public FeedForwardTower(Embedder embedder, FeedForwardOptions options) : base(embedder, embedder.Width, options)
    {
        if (options.Layers < 1 || options.FeedForward < 1 || options.Dropout is not (>= 0 and < 1))
        {
            throw new ArgumentException(
                $"A feed-forward tower of {options.Layers} layers, feed-forward width {options.FeedForward} and dropout {options.Dropout} can not be made; " +
                "expected at least 1 layer, a width of 1 or more, and a dropout of 0 or more and less than 1.", nameof(options));
        }
        ModuleList<T> Each<T>(Func<T> make) where T : Module => ModuleList(Enumerable.Range(0, options.Layers).Select(_ => make()).ToArray());
        (norms, ups, downs) = (Each(() => LayerNorm(Width)), Each(() => Linear(Width, options.FeedForward)), Each(() => Linear(options.FeedForward, Width)));
        dropout = Dropout(options.Dropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,C]
    {
        for (var i = 0; i < norms.Count; i++)
        {
            x += dropout.call(downs[i].call(ups[i].call(norms[i].call(x)).relu()));
        }
        return x;
    }
}
