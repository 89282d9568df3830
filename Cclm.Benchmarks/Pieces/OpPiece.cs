using BenchmarkDotNet.Attributes;
using Cclm.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Cclm.Benchmarks;

/// <summary>Single operations, forward and without gradients.</summary>
public class OpPiece
{
    const int Heads = 8;

    torch.Tensor x = null!, qkv = null!;
    Conv1d convolution = null!;
    LayerNorm norm = null!;

    /// <summary>The tensor that is computed on.</summary>
    [ParamsSource(typeof(PieceShape), nameof(PieceShape.Both))]
    public PieceShape Shape { get; set; }

    /// <summary>Makes tensors and weights.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (x, qkv) = (torch.rand(Shape.Rows, Shape.Length, PieceShape.Channels), torch.rand(Shape.Rows, Shape.Length, 3 * PieceShape.Channels));
        (convolution, norm) = (torch.nn.Conv1d(PieceShape.Channels, PieceShape.Channels, 3, padding: 1), torch.nn.LayerNorm(PieceShape.Channels));
        foreach (var weight in convolution.parameters().Concat(norm.parameters()))
        {
            weight.requires_grad = false;
        }
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Free() => Array.ForEach<IDisposable>([x, qkv, convolution, norm], made => made.Dispose());

    /// <summary>Of 8 heads, from query, key and value side by side.</summary>
    [Benchmark]
    public void Attention() => Compute(qkv, value => value.attention(Heads, PieceShape.Channels / Heads));

    /// <summary>With a kernel of 3.</summary>
    [Benchmark]
    public void Convolution() => Compute(x, convolution.call);

    /// <summary>Over the channels.</summary>
    [Benchmark]
    public void LayerNorm() => Compute(x, norm.call);

    /// <summary>The largest and the mean of each channel.</summary>
    [Benchmark]
    public void Pooling() => Compute(x, value => value.max_over_time().cat(value.mean_over_time()));

    static void Compute(torch.Tensor x, Func<Value, Value> op)
    {
        using var scope = torch.NewDisposeScope();
        op(new Value.Torch(x));
    }
}
