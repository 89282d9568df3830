using BenchmarkDotNet.Attributes;
using Cclm.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Benchmarks;

/// <summary>One update of all weights: TorchSharp's AdamW, parameter by parameter, and the one of training. Writing the gradients anew is in the second's time.</summary>
public class OptimizerPiece
{
    const double Rate = 1e-3, Decay = 0.01;

    AdamW adam = null!;
    FlatParameters flat = null!;

    /// <summary>Matrices of 256 x 256 and biases: 13 of each are the weights of the reference model.</summary>
    [Params(13, 300)]
    public int Layers { get; set; }

    /// <summary>Makes weights with gradients.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        Parameter[] Make() => [.. Enumerable.Range(0, Layers).SelectMany(_ => (Parameter[])[nn.Parameter(randn(256, 256)), nn.Parameter(randn(256))])];
        var (theirs, ours) = (Make(), Make());
        (adam, flat) = (optim.AdamW(theirs, lr: Rate, weight_decay: Decay), new([new(ours)]));
        foreach (var parameter in theirs.Concat(ours))
        {
            parameter.grad = full_like(parameter, Scalars.Kept(1e-3));
        }
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Free()
    {
        adam.Dispose();
        flat.Dispose();
    }

    /// <summary>TorchSharp's, without clipping.</summary>
    [Benchmark(Baseline = true)]
    public void TorchSharpAdamW() => adam.step();

    /// <summary>The one of training, with clipping.</summary>
    [Benchmark]
    public void Flat()
    {
        using (no_grad())
        {
            flat.WholeGradients().fill_(Scalars.Kept(1e-3));
        }
        flat.Step(Rate, Decay, clipNorm: 1);
    }
}
