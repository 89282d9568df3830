using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Products in 8 bits say what their arithmetic says, written down here once more.</summary>
[Parallelizable]
public sealed class Int8ProductsTests
{
    static readonly QuantizationOptions Options = new(ModelPrecision.Int8) { SmallestWeight = 1 };

    /// <summary>The shape of x, [In,Out], and how the product is written.</summary>
    static readonly Dictionary<string, (long[] Shape, int Inputs, int Outputs, Func<OnnxGraph, Edge, float[], Edge> Write)> Products = new()
    {
        ["MatMul of a matrix"] = ([3, 7], 7, 5, (graph, x, w) => graph.Op("MatMul", [x, graph.Initializer("w", w, 7, 5)])),
        ["MatMul of a batch"] = ([3, 2, 7], 7, 1, (graph, x, w) => graph.Op("MatMul", [x, graph.Initializer("w", w, 7, 1)])),
        ["MatMul of a vector"] = ([7], 7, 5, (graph, x, w) => graph.Op("MatMul", [x, graph.Initializer("w", w, 7, 5)])),
        ["MatMul of four dimensions"] = ([2, 1, 3, 9], 9, 4, (graph, x, w) => graph.Op("MatMul", [x, graph.Initializer("w", w, 9, 4)])),
        ["MatMul of nothing"] = ([0, 7], 7, 5, (graph, x, w) => graph.Op("MatMul", [x, graph.Initializer("w", w, 7, 5)])),
        ["MatMul, turned"] = ([3, 7], 7, 5, (graph, x, w) => graph.Op("MatMul", [x, graph.Op("Transpose", [graph.Initializer("w", Turned(w, 7, 5), 5, 7)], ("perm", (long[])[1, 0]))])),
        ["MatMul with a constant"] = ([3, 7], 7, 5, (graph, x, w) => graph.Op("MatMul", [x, graph.Constant(Tensor(w, 7, 5))])),
        ["Gemm"] = ([3, 7], 7, 5, (graph, x, w) => graph.Op("Gemm", [x, graph.Initializer("w", w, 7, 5)])),
        ["Gemm, turned"] = ([3, 7], 7, 5, (graph, x, w) => graph.Op("Gemm", [x, graph.Initializer("w", Turned(w, 7, 5), 5, 7)], ("transB", 1))),
    };

    [TestCaseSource(nameof(Names))]
    public void AProductIsItsArithmetic(string name)
    {
        var (shape, inputs, outputs, write) = Products[name];
        var (x, w) = (OnnxRun.Random(1, shape.Aggregate(1L, (a, b) => a * b)), OnnxRun.Random(2, inputs * outputs));
        x.AsSpan(0, Math.Min(x.Length, inputs)).Clear();                // a row of zeros
        var graph = new OnnxGraph("product");
        graph.Output("y", write(graph, graph.Input("x", DataType.Float, [.. shape.Select((dim, i) => i == shape.Length - 1 ? $"{dim}" : $"D{i}")]), w), [.. shape[..^1].Select((_, i) => $"D{i}"), $"{outputs}"]);
        var converted = Quantizer.Convert(graph.ToModel(), Options);
        var (found, foundShape) = OnnxRun.Run<float>(converted, "y", OnnxRun.Tensor("x", x, shape));
        Assert.That(foundShape, Is.EqualTo((long[])[.. shape[..^1], outputs]));
        Assert.That(found, Is.EqualTo(Product(x, w, inputs, outputs)).Within(1e-5));
        Assert.That(converted.Graph.Initializer.Select(tensor => (DataType)tensor.DataType), Is.EquivalentTo((DataType[])[DataType.Int8, DataType.Float]), "The float weight is gone.");
    }

    static IEnumerable<string> Names => Products.Keys;

    /// <summary>A convolution is the product over its taps side by side, whatever its pads, stride and dilation.</summary>
    [TestCase(1, 0, 0, 1, 1)]
    [TestCase(3, 1, 1, 1, 1)]
    [TestCase(3, 2, 0, 1, 1)]
    [TestCase(3, 1, 1, 2, 1)]
    [TestCase(5, 4, 4, 1, 2)]
    [TestCase(2, 0, 0, 3, 2)]
    public void AConvolutionIsItsArithmetic(int kernel, int before, int after, int stride, int dilation)
    {
        const int Rows = 2, Inputs = 3, Outputs = 4, Length = 11;
        var (x, w, bias) = (OnnxRun.Random(1, Rows * Inputs * Length), OnnxRun.Random(2, Outputs * Inputs * kernel), OnnxRun.Random(3, Outputs));
        var graph = new OnnxGraph("convolution");
        var y = graph.Op("Conv", [graph.Input("x", DataType.Float, "B", $"{Inputs}", "T"), graph.Initializer("conv.weight", w, Outputs, Inputs, kernel), graph.Initializer("conv.bias", bias, Outputs)],
            ("pads", (long[])[before, after]), ("strides", (long[])[stride]), ("dilations", (long[])[dilation]));
        graph.Output("y", y, "B", $"{Outputs}", "T2");
        var converted = Quantizer.Convert(graph.ToModel(), Options);
        var (found, shape) = OnnxRun.Run<float>(converted, "y", OnnxRun.Tensor("x", x, Rows, Inputs, Length));

        var positions = ((before + Length + after - (dilation * (kernel - 1)) - 1) / stride) + 1;
        Assert.That(shape, Is.EqualTo((long[])[Rows, Outputs, positions]));
        var (taps, matrix) = (new float[Rows * positions * kernel * Inputs], new float[kernel * Inputs * Outputs]);
        for (var i = 0; i < taps.Length; i++)
        {
            var (row, position, tap, input) = (i / Inputs / kernel / positions, i / Inputs / kernel % positions, i / Inputs % kernel, i % Inputs);
            var at = (position * stride) + (tap * dilation) - before;
            taps[i] = at is >= 0 and < Length ? x[(((row * Inputs) + input) * Length) + at] : 0;
        }
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i] = w[(((i % Outputs * Inputs) + (i / Outputs % Inputs)) * kernel) + (i / Outputs / Inputs)];
        }
        var expected = Product(taps, matrix, kernel * Inputs, Outputs);                         // [Rows,positions,Outputs]
        for (var i = 0; i < found.Length; i++)
        {
            var (row, output, position) = (i / positions / Outputs, i / positions % Outputs, i % positions);
            Assert.That(found[i], Is.EqualTo(expected[(((row * positions) + position) * Outputs) + output] + bias[output]).Within(1e-5));
        }
        OfficialChecker.Check(converted);
    }

    /// <summary>Numbers at the ends of what 8 bits hold come out as they are: nothing saturates on any processor.</summary>
    [Test]
    public void LargeSumsAreExact()
    {
        const int Inputs = 64, Outputs = 32;
        var (x, w) = (new float[Inputs], new float[Inputs * Outputs]);
        Array.Fill(x, 127);
        Array.Fill(w, 64);
        var graph = new OnnxGraph("product");
        graph.Output("y", graph.Op("MatMul", [graph.Input("x", DataType.Float, "B", $"{Inputs}"), graph.Initializer("w", w, Inputs, Outputs)]), "B", $"{Outputs}");
        var found = OnnxRun.Run<float>(Quantizer.Convert(graph.ToModel(), Options), "y", OnnxRun.Tensor("x", x, 1, Inputs)).Data;
        Assert.That(found, Is.All.EqualTo(127f * 64 * Inputs).Within(1e-6).Percent);
    }

    [Test]
    public void ATableHasAScaleForEachRow()
    {
        float[] table = [1, -2, 0.5f, 0, 0, 0, 1e-3f, 127e-3f, -5e-3f];
        var graph = new OnnxGraph("table");
        graph.Output("y", graph.Op("Gather", [graph.Initializer("characters.weight", table, 3, 3), graph.Input("ids", DataType.Int64, "B", "T")]), "B", "T", "3");
        var converted = Quantizer.Convert(graph.ToModel(), Options);
        var (found, shape) = OnnxRun.Run<float>(converted, "y", OnnxRun.Tensor("ids", [2L, 0, 1, 2], 2, 2));
        Assert.That(shape, Is.EqualTo((long[])[2, 2, 3]));
        Assert.That(found, Is.EqualTo((float[])[1e-3f, 0.127f, -5e-3f, 64 * 2 / 127f, -2, 32 * 2 / 127f, 0, 0, 0, 1e-3f, 0.127f, -5e-3f]).Within(1e-6));
        Assert.That(converted.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo((string[])["characters.weight.int8", "characters.weight.scale"]));
        OfficialChecker.Check(converted);
    }

    /// <summary>What products of other forms read stays as it is.</summary>
    [Test]
    public void WhatIsNotAProductWithAWeightStays()
    {
        var graph = new OnnxGraph("other");
        var x = graph.Input("x", DataType.Float, "4", "4");
        var w = graph.Initializer("w", OnnxRun.Random(1, 16), 4, 4);
        var left = graph.Op("MatMul", [w, x]);
        var scaled = graph.Op("Gemm", [left, graph.Initializer("v", OnnxRun.Random(2, 16), 4, 4)], ("alpha", 2f));
        graph.Output("y", graph.Op("MatMul", [scaled, x]), "4", "4");
        Assert.That(() => Quantizer.Convert(graph.ToModel(), Options), Throws.InstanceOf<OnnxModelException>().With.Message.Contains("has no weight that can be in int8"));
    }

    /// <summary>The arithmetic: each row of x in steps of its largest number / 127, each column of w in steps of its largest / 64.</summary>
    static float[] Product(float[] x, float[] w, int inputs, int outputs)
    {
        var columns = Enumerable.Range(0, outputs).Select(column => Enumerable.Range(0, inputs).Max(row => Math.Abs(w[(row * outputs) + column])) / 64).ToArray();
        var y = new float[x.Length / inputs * outputs];
        for (var i = 0; i < y.Length; i++)
        {
            var row = x.AsSpan(i / outputs * inputs, inputs).ToArray();
            var (step, column, sum) = (row.Max(Math.Abs) * (1f / 127), i % outputs, 0L);
            for (var k = 0; k < inputs && step > 0; k++)
            {
                sum += (long)MathF.Round(row[k] / step) * (long)MathF.Round(w[(k * outputs) + column] / columns[column]);
            }
            y[i] = sum * step * columns[column];
        }
        return y;
    }

    static float[] Turned(float[] w, int rows, int columns) => [.. Enumerable.Range(0, w.Length).Select(i => w[(i % rows * columns) + (i / rows)])];

    static TensorProto Tensor(float[] values, params long[] shape) => new() { DataType = (int)DataType.Float, FloatData = { values }, Dims = { shape } };
}
