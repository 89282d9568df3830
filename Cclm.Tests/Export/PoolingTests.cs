using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class PoolingTests
{
    static readonly (int B, int T, int[] Widths)[] Shapes = [(1, 1, [1]), (1, 1, [3, 2]), (3, 7, [10]), (5, 2, [4, 1, 6]), (2, 33, [8, 8])];

    static IEnumerable<TestCaseData> Cases() =>
        from pooling in Enum.GetValues<Pooling>()
        from layerNorm in (bool[])[false, true]
        from normalise in (bool[])[false, true]
        from shape in Shapes
        select new TestCaseData(new PoolingOptions(pooling) { LayerNorm = layerNorm, Normalise = normalise }, shape.B, shape.T, shape.Widths)
            .SetArgDisplayNames($"{pooling}", $"norm {layerNorm}", $"l2 {normalise}", $"B{shape.B} T{shape.T} C{string.Join('+', shape.Widths)}");

    [TestCaseSource(nameof(Cases))]
    public void PoolingIsWhatItsDefinitionSays(PoolingOptions options, int batch, int time, int[] widths)
    {
        var hidden = widths.Select((width, i) => OnnxRun.Random(i, batch * time * width)).ToArray();
        var mask = Mask(batch, time);
        for (var i = 0; i < mask.Length; i++)
        {
            if (!mask[i])
            {
                hidden[0][i * widths[0]] = float.PositiveInfinity;      // what stands in padding has no part in it
            }
        }
        var (model, inputs) = Model(options, batch, time, widths, hidden, mask);
        var (found, shape) = OnnxRun.Run<float>(model, "embedding", inputs);
        var expected = Enumerable.Range(0, batch).SelectMany(b => widths.SelectMany((width, i) => Reference(options, hidden[i], mask, b, time, width, widths.Length))).ToArray();
        Assert.That(shape, Is.EqualTo((long[])[batch, widths.Sum(options.Width)]));
        Assert.That(found, Is.EqualTo(expected).Within(2e-6f));
    }

    [Test]
    public void APooledGraphPassesTheOfficialChecker([Values] Pooling pooling) =>
        OfficialChecker.Check(Model(new(pooling) { LayerNorm = true }, 2, 3, [4, 1], [new float[24], new float[6]], Mask(2, 3)).Model);

    [Test]
    public void AStageCanBeAppendedToAnyModel()
    {
        var embedder = TinyParts.Embedder();
        var graph = new OnnxGraph("pooled");
        var outputs = graph.Include("", embedder, ("ids", graph.Input("ids", DataType.Int64, "B", "T")));
        graph.Output("hidden", outputs["hidden"], "B", "T", "5");
        graph.Output("embedding", PoolingStage.Apply(graph, new(Pooling.Max) { Normalise = false }, outputs["mask"], (outputs["hidden"], 5)), "B", "5");
        var pooled = graph.ToModel();
        var ids = OnnxRun.Tensor("ids", [4L, 9, 0], 1, 3);
        var hidden = OnnxRun.Run<float>(pooled, "hidden", ids).Data;
        Assert.That(OnnxRun.Run<float>(pooled, "embedding", ids).Data, Is.EqualTo(Enumerable.Range(0, 5).Select(c => Math.Max(hidden[c], hidden[5 + c]))));
        Assert.That(WeightsHash.Of(pooled), Is.EqualTo(WeightsHash.Of(embedder)), "an empty part name leaves names as they are");
        OfficialChecker.Check(pooled);
    }

    [TestCaseSource(nameof(Cases))]
    public void ATextOfNothingButPaddingBecomesZeros(PoolingOptions options, int batch, int time, int[] widths)
    {
        var hidden = widths.Select((width, i) => OnnxRun.Random(i, batch * time * width)).ToArray();
        var (model, inputs) = Model(options, batch, time, widths, hidden, new bool[batch * time]);
        Assert.That(OnnxRun.Run<float>(model, "embedding", inputs).Data, Is.All.Zero);
    }

    [Test]
    public void TheWholeVectorHasLengthOne([Values] Pooling pooling)
    {
        var (model, inputs) = Model(new(pooling), 3, 7, [10, 4], [OnnxRun.Random(1, 210), OnnxRun.Random(2, 84)], Mask(3, 7));
        foreach (var vector in OnnxRun.Run<float>(model, "embedding", inputs).Data.Chunk(new PoolingOptions(pooling).Width(14)))
        {
            Assert.That(vector.Sum(x => (double)x * x), Is.EqualTo(1).Within(1e-5));
        }
    }

    [TestCase(Pooling.Mean, false, "mean+l2")]
    [TestCase(Pooling.Max, false, "max+l2")]
    [TestCase(Pooling.MeanMax, true, "mean_max+layer_norm+l2")]
    [TestCase(Pooling.Cls, false, "cls+l2")]
    public void DefaultsAreWhatTheDocumentationSays(Pooling pooling, bool layerNorm, string words)
    {
        var options = new PoolingOptions(pooling);
        Assert.That((options.LayerNorm, options.Normalise, options.ToString()), Is.EqualTo((layerNorm, true, words)));
    }

    /// <summary>Rows of different lengths, with a hole before the last position of some, as rounding leaves it.</summary>
    static bool[] Mask(int batch, int time) =>
        [.. Enumerable.Range(0, batch * time).Select(i => (Row: i / time, Position: i % time)).Select(at => at.Position < Math.Max(1, time - at.Row) && (at.Position != time - 2 - at.Row || at.Position == 0))];

    static (ModelProto Model, (string, Microsoft.ML.OnnxRuntime.OrtValue)[] Inputs) Model(PoolingOptions options, int batch, int time, int[] widths, float[][] hidden, bool[] mask)
    {
        var graph = new OnnxGraph("pooling");
        var masked = graph.Input("mask", DataType.Bool, "B", "T");
        var towers = widths.Select((width, i) => (graph.Input($"hidden{i}", DataType.Float, "B", "T", $"{width}"), width)).ToArray();
        graph.Output("embedding", PoolingStage.Apply(graph, options, masked, towers), "B", $"{widths.Sum(options.Width)}");
        return (graph.ToModel(), [OnnxRun.Tensor("mask", mask, batch, time), .. widths.Select((width, i) => OnnxRun.Tensor($"hidden{i}", hidden[i], batch, time, width))]);
    }

    static IEnumerable<float> Reference(PoolingOptions options, float[] hidden, bool[] mask, int row, int time, int width, int slices)
    {
        var positions = Enumerable.Range(0, time).Where(t => mask[(row * time) + t]).Select(t => hidden.AsSpan(((row * time) + t) * width, width).ToArray()).ToArray();
        double[] Each(Func<IEnumerable<double>, double> pool) => [.. Enumerable.Range(0, width).Select(c => pool(positions.Select(position => (double)position[c])))];
        double[] x = options.Pooling switch
        {
            Pooling.Mean => Each(values => values.Average()),
            Pooling.Max => Each(values => values.Max()),
            Pooling.MeanMax => [.. Each(values => values.Average()), .. Each(values => values.Max())],
            _ => Each(values => values.Last()),
        };
        if (options.LayerNorm)
        {
            var mean = x.Average();
            var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + 1e-5);
            x = [.. x.Select(value => (value - mean) / deviation)];
        }
        var length = options.Normalise ? Math.Max(Math.Sqrt(x.Sum(value => value * value)), 1e-12) * Math.Sqrt(slices) : 1;
        return x.Select(value => (float)(value / length));
    }
}
