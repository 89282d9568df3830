using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>The size of a <see cref="StridedTower"/>.</summary>
public sealed record StridedOptions
{
    /// <summary>How many positions each convolution on the way down makes one of.</summary>
    public int Stride { get; init; } = 2;

    /// <summary>Convolutions on the way down: attention is over Stride^Downsamples times fewer positions than characters.</summary>
    public int Downsamples { get; init; } = 2;

    /// <summary>Transformer blocks at the short length.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>H, attention heads; they divide the embedder's channels.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Channels inside the feed-forward layers.</summary>
    public int FeedForward { get; init; } = 256;

    /// <summary>Dropout after attention and after the feed-forward layer.</summary>
    public double Dropout { get; init; } = 0.1;
}

/// <summary>
/// Strided convolutions down, transformer blocks over the short length, and back up to every character: attention costs the
/// square of the length, so long texts are read at a fraction of it.
/// </summary>
public sealed class StridedTower : Tower
{
    readonly ModuleList<Conv1d> downs;
    readonly Embedding positions;
    readonly ModuleList<TransformerBlock> blocks;
    readonly Conv1d up;
    readonly LayerNorm norm;
    readonly int stride, factor;

    /// <param name="embedder">What the tower stands on; its width is the tower's.</param>
    /// <param name="options">The tower's size.</param>
    /// <exception cref="ArgumentException">The heads do not divide the embedder's width, or a size is not positive.</exception>
    public StridedTower(Embedder embedder, StridedOptions options) : base(embedder, embedder.Width, options)
    {
        if (options.Stride < 2 || options.Downsamples < 1 || options.Layers < 1 || options.FeedForward < 1 || options.Dropout is not (>= 0 and < 1) || Math.Pow(options.Stride, options.Downsamples) > embedder.MaxLength)
        {
            throw new ArgumentException(
                $"A strided tower of stride {options.Stride}, {options.Downsamples} downsamples, {options.Layers} layers, feed-forward width {options.FeedForward} and dropout {options.Dropout} can not be made on texts of {embedder.MaxLength}; " +
                "expected a stride of 2 or more, at least 1 downsample and 1 layer, stride^downsamples no longer than a text, a width of 1 or more, and a dropout of 0 or more and less than 1.", nameof(options));
        }
        (stride, factor) = (options.Stride, (int)Math.Pow(options.Stride, options.Downsamples));
        downs = ModuleList(Enumerable.Range(0, options.Downsamples).Select(_ => Conv1d(Width, Width, 2 * stride - 1, stride: stride, padding: (long)stride - 1)).ToArray());
        positions = Embedding((embedder.MaxLength + factor - 1) / factor, Width).StartSmall();
        var transformer = new TransformerOptions { Heads = options.Heads, FeedForward = options.FeedForward, Dropout = options.Dropout };
        blocks = ModuleList(Enumerable.Range(0, options.Layers).Select(_ => new TransformerBlock(Width, transformer)).ToArray());
        up = Conv1d(2 * Width, Width, 3, padding: 1L);
        norm = LayerNorm(Width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,C]
    {
        var small = downs.Aggregate(x, (y, down) => down.strided(y).relu());                    // [B,T/f,C]
        small = blocks.Aggregate(small + positions.call(small.positions()), (y, block) => block.call(y));
        return norm.call(up.call(x.cat(small.upsample(factor, x))));
    }
}
