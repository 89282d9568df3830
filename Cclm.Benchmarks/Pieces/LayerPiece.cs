using BenchmarkDotNet.Attributes;
using Cclm.Training;
using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>The layers that the reference model is built of, forward and without gradients.</summary>
public class LayerPiece
{
    torch.Tensor x = null!;
    Layer convolutions = null!, transformer = null!;

    /// <summary>The tensor that is computed on.</summary>
    [ParamsSource(typeof(PieceShape), nameof(PieceShape.Both))]
    public PieceShape Shape { get; set; }

    /// <summary>Makes the layers.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        x = torch.rand(Shape.Rows, Shape.Length, PieceShape.Channels);
        convolutions = new ConvBlock(PieceShape.Channels, new() { Vocabulary = PieceShape.Channels, Filters = PieceShape.Channels, GlobalFilters = 32 });
        transformer = new TransformerBlock(PieceShape.Channels, new() { Heads = 8, FeedForward = 2 * PieceShape.Channels });
        convolutions.Freeze();
        transformer.Freeze();
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Free() => Array.ForEach<IDisposable>([x, convolutions, transformer], made => made.Dispose());

    /// <summary>Three convolutions and what they say of the whole text.</summary>
    [Benchmark]
    public void ConvBlock() => convolutions.forward(x).Dispose();

    /// <summary>Attention of 8 heads and a feed-forward layer.</summary>
    [Benchmark]
    public void TransformerBlock() => transformer.forward(x).Dispose();
}
