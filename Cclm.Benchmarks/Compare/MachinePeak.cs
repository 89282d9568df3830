using System.Globalization;
using Cclm.Export;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>How fast the machine multiplies: GFLOP/s of a product of two matrices of 2,048 x 2,048, by the fastest library here.</summary>
/// <param name="Float32">In float32.</param>
/// <param name="BFloat16">In bfloat16.</param>
sealed record MachinePeak(double Float32, double BFloat16)
{
    const int Size = 2_048, Times = 20;

    /// <summary>Measures both, by libtorch's product, by its convolution of one position (oneDNN), and by ONNX Runtime.</summary>
    public static MachinePeak Measure() => new(
        ((double[])[Product(torch.ScalarType.Float32), Convolution(torch.ScalarType.Float32), OnnxProduct()]).Max(),
        Math.Max(Product(torch.ScalarType.BFloat16), Convolution(torch.ScalarType.BFloat16)));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{torch.get_num_threads()} threads: {Float32:F0} GFLOP/s in float32 and {BFloat16:F0} in bfloat16 (products of {Size:N0} x {Size:N0})");

    static double Product(torch.ScalarType type)
    {
        using var a = torch.rand(Size, Size).to(type);
        using var b = torch.rand(Size, Size).to(type);
        return Speed(() => torch.matmul(a, b).Dispose());
    }

    /// <summary>The same product as a convolution: images of one row, channels last.</summary>
    static double Convolution(torch.ScalarType type)
    {
        const int Images = 32;
        using var a = torch.rand(Images, 1, Size / Images, Size).to(type).permute(0, 3, 1, 2);
        using var b = torch.rand(Size, Size, 1, 1).to(type);
        using var grad = torch.no_grad();
        return Speed(() => torch.nn.functional.conv2d(a, b).Dispose());
    }

    static double OnnxProduct()
    {
        var graph = new OnnxGraph("product");
        var x = graph.Input("x", TensorProto.Types.DataType.Float, $"{Size}", $"{Size}");
        var random = new Random(1);
        float[] numbers = [.. Enumerable.Range(0, Size * Size).Select(_ => random.NextSingle())];
        graph.Output("y", graph.Op("MatMul", [x, graph.Initializer("w", numbers, Size, Size)]), $"{Size}", $"{Size}");
        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
        using var session = new InferenceSession(graph.ToModel().ToByteArray(), options);
        using var input = OrtValue.CreateTensorValueFromMemory(numbers, [Size, Size]);
        using var run = new RunOptions();
        return Speed(() => session.Run(run, ["x"], [input], ["y"]).Dispose());
    }

    static double Speed(Action product) => 2.0 * Size * Size * Size / Benchmarks.Measure.InTurns(Times, product)[0].Min() / 1e9;
}
