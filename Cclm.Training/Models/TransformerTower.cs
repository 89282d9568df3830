using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>The size of a <see cref="TransformerTower"/>.</summary>
public sealed record TransformerOptions
{
    /// <summary>Transformer blocks.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>H, attention heads; they divide the embedder's channels.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Channels inside the feed-forward layers.</summary>
    public int FeedForward { get; init; } = 256;

    /// <summary>Dropout after attention and after the feed-forward layer.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Pre-norm trains where post-norm stalls; post-norm is what the first CCLM had.</summary>
    public NormPlacement Norm { get; init; } = NormPlacement.Pre;

    /// <summary>Whether a character attends to itself and to those before it only.</summary>
    public bool Causal { get; init; }
}

/// <summary>Transformer blocks over every character of a text.</summary>
public sealed class TransformerTower : Tower
{
    readonly Embedding positions;
    readonly ModuleList<TransformerBlock> blocks;
    readonly LayerNorm norm;

    /// <param name="embedder">What the tower stands on; its width and longest text are the tower's.</param>
    /// <param name="options">The tower's size.</param>
    /// <exception cref="ArgumentException">The heads do not divide the embedder's width, or a size is not positive.</exception>
    public TransformerTower(Embedder embedder, TransformerOptions options) : base(embedder, embedder.Width, options)
    {
        if (options.Layers < 1 || options.FeedForward < 1 || options.Dropout is not (>= 0 and < 1))
        {
            throw new ArgumentException(
                $"A transformer tower of {options.Layers} layers, feed-forward width {options.FeedForward} and dropout {options.Dropout} can not be made; " +
                "expected at least 1 layer, a width of 1 or more, and a dropout of 0 or more and less than 1.", nameof(options));
        }
        positions = Embedding(embedder.MaxLength, Width).StartSmall();
        blocks = ModuleList(Enumerable.Range(0, options.Layers).Select(_ => new TransformerBlock(Width, options)).ToArray());
        norm = LayerNorm(Width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override bool Causal => ((TransformerOptions)Options).Causal;

    /// <inheritdoc/>
    public override Value forward(Value x) =>                               // [B,T,C] -> [B,T,C]
        norm.call(blocks.Aggregate(x + positions.call(x.positions()), (y, block) => block.call(y)));
}
