using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>A stage behind a model is a function of what the model gives, one before it of what it reads: no more and no less.</summary>
[Parallelizable]
public sealed class StagesTests
{
    const int Width = 5;

    /// <summary>x [N,5], more [N,5] -> y = 2x, z = x + more.</summary>
    static ModelProto Model()
    {
        var graph = new OnnxGraph("model");
        var (x, more) = (graph.Input("x", DataType.Float, "N", "5"), graph.Input("more", DataType.Float, "N", "5"));
        graph.Output("y", graph.Op("Mul", [x, graph.Initializer("two", [2f], 1)]), "N", "5");
        graph.Output("z", graph.Op("Add", [x, more]), "N", "5");
        var model = graph.ToModel();
        model.DocString = "a model";
        model.MetadataProps.Add(new StringStringEntryProto { Key = "key", Value = "value" });
        return model;
    }

    static readonly Dictionary<string, (Func<OnnxGraph, Edge, Edge> Build, Func<double[], double[]> Row, string Shape)> Table = new()
    {
        ["L2"] = ((graph, y) => graph.L2Normalise(y), row => [.. row.Select(value => value / Math.Max(Math.Sqrt(row.Sum(x => x * x)), 1e-30))], "N,5"),
        ["softmax"] = ((graph, y) => graph.Softmax(y), row => [.. row.Select(value => Math.Exp(value) / row.Sum(Math.Exp))], "N,5"),
        ["linear"] = ((graph, y) => graph.Linear(y, "head", Weight, Width, [1, -1, 0.5f]), row => [.. Product(row).Zip([1, -1, 0.5], (a, b) => a + b)], "N,3"),
        ["linear without bias"] = ((graph, y) => graph.Linear(y, "head", Weight, Width), Product, "N,3"),
        ["slice"] = ((graph, y) => graph.Slice(y, 1, -1), row => row[1..^1], "N,3"),
        ["slice, to the end and beyond"] = ((graph, y) => graph.Slice(y, 3, 99), row => row[3..], "N,2"),
        ["concat"] = ((graph, y) => graph.Concat([y, y, y]), row => [.. row, .. row, .. row], "N,15"),
        ["cast there and back"] = ((graph, y) => graph.Cast(graph.Cast(y, DataType.Int32), DataType.Float), row => [.. row.Select(Math.Truncate)], "N,5"),
        ["several"] = ((graph, y) => graph.Softmax(graph.Slice(graph.L2Normalise(y), 0, 1)), _ => [1], "N,1"),
    };

    static readonly float[] Weight = OnnxRun.Random(3, Width * 3);

    static double[] Product(double[] row) => [.. Enumerable.Range(0, 3).Select(output => row.Select((value, input) => value * Weight[(input * 3) + output]).Sum())];

    static IEnumerable<TestCaseData> Rows => from stage in Table.Keys from rows in (int[])[0, 1, 3, 17] from name in (string[])["y", "new"] select new TestCaseData(stage, rows, name);

    [TestCaseSource(nameof(Rows))]
    public void AStageBehindAModelIsAFunctionOfItsOutput(string stage, int rows, string name)
    {
        var (build, expected, shape) = Table[stage];
        var model = Stages.Append(Model(), name, (graph, outputs) => build(graph, outputs["y"]));
        ModelCheck.Ensure(model);
        if (rows == 0)
        {
            OfficialChecker.Check(model);       // the model is the same for all rows
        }
        Assert.That(model.Graph.Output.Select(output => output.Name), Is.EqualTo((string[])(name == "y" ? ["y", "z"] : ["y", "z", "new"])));
        var made = model.Graph.Output.First(output => output.Name == name).Type.TensorType;
        Assert.That((made.ElemType, string.Join(',', made.Shape.Dim.Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.DimParam))), Is.EqualTo(((int)DataType.Float, shape)));
        float[] x = [.. OnnxRun.Random(rows, rows * Width).Select((value, i) => i < Width ? 0 : value * 3)];      // the first row is zeros
        (string, Microsoft.ML.OnnxRuntime.OrtValue)[] inputs = [OnnxRun.Tensor("x", x, rows, Width), OnnxRun.Tensor("more", x, rows, Width)];
        Assert.That(OnnxRun.Run<float>(model, name, inputs).Data, Is.EqualTo(x.Select(value => 2.0 * value).Chunk(Width).SelectMany(expected)).Within(1e-6));
        Assert.That(OnnxRun.Run<float>(model, "z", inputs).Data, Is.EqualTo(x.Select(value => value + value)), "the other output is as it was");
    }

    [Test]
    public void WhatTheModelSaysOfItselfStays()
    {
        var model = Model();
        foreach (var staged in (ModelProto[])[Stages.Append(model, "y", (graph, outputs) => graph.Softmax(outputs["y"])), Stages.Prepend(model, "x", graph => graph.Input("x", DataType.Float, "N", "5"))])
        {
            Assert.That((staged.DocString, staged.MetadataProps.Single().Value, staged.Graph.Name), Is.EqualTo(("a model", "value", "model")));
            Assert.That(staged.Graph.Initializer.Single().Name, Is.EqualTo("two"));
        }
        Assert.That(model, Is.EqualTo(Model()));
    }

    [TestCase("x")]
    [TestCase("other")]
    public void AStageBeforeAModelFeedsTheInput(string name)
    {
        var model = Stages.Prepend(Model(), "x", graph => graph.Op("Neg", [graph.Cast(graph.Input(name, DataType.Int32, "N", "5"), DataType.Float)]));
        ModelCheck.Ensure(model);
        OfficialChecker.Check(model);
        Assert.That(model.Graph.Input.Select(input => input.Name), Is.EqualTo(new[] { name, "more" }));
        int[] x = [.. Enumerable.Range(-4, 15)];
        Assert.That(OnnxRun.Run<float>(model, "y", OnnxRun.Tensor(name, x, 3, Width), OnnxRun.Tensor("more", new float[15], 3, Width)).Data, Is.EqualTo(x.Select(value => -2f * value)));
    }

    [Test]
    public void PoolingAndAProjectionGoBehindAModelOfPositions()
    {
        var embedder = TinyParts.Embedder();
        (string, ModelProto)[] towers = [("a", TinyParts.Tower(embedder, 6))];
        var model = Stages.Append(Composer.Compose(embedder, towers), "vector",
            (graph, outputs) => graph.L2Normalise(PoolingStage.Apply(graph, new(Pooling.Mean) { Normalise = false }, outputs["mask"], (outputs["hidden"], 6))));
        ModelCheck.Ensure(model);
        var pooled = Composer.Compose(embedder, towers, new() { Pooling = new(Pooling.Mean) });
        var ids = OnnxRun.Tensor("ids", new long[] { 4, 5, 6, 0, 5, 0, 0, 0 }, 2, 4);
        Assert.That(OnnxRun.Run<float>(model, "vector", ids).Data, Is.EqualTo(OnnxRun.Run<float>(pooled, "embedding", ids).Data).Within(1e-6f));
    }

    [Test]
    public void WhatDoesNotFitIsSaid()
    {
        Assert.That(() => Stages.Prepend(Model(), "y", graph => graph.Scalar(1f)), Throws.ArgumentException.With.Message.Contains("no input 'y'; it has 'x', 'more'"));
        Assert.That(() => Stages.Append(Model(), "new", (graph, outputs) => graph.Linear(outputs["y"], "head", [1, 2, 3, 4], 3)), Throws.ArgumentException.With.Message.Contains("3 inputs has 4 weights"));
        Assert.That(() => Stages.Append(Model(), "new", (graph, outputs) => graph.Linear(outputs["y"], "head", [1, 2, 3], 3, [1, 2])), Throws.ArgumentException.With.Message.Contains("a bias of 2"));
        Assert.That(() => Stages.Append(Model(), "new", (graph, outputs) => outputs["w"]), Throws.TypeOf<KeyNotFoundException>().With.Message.EqualTo("The model has no output 'w'; there are 'y', 'z'. Did you mean 'y'?"));
        Assert.That(() => Stages.Append(Model(), "new", null!), Throws.ArgumentNullException);
        Assert.That(() => Stages.Append(Model(), "new", (graph, outputs) => graph.Op("com.microsoft.Unheard", [outputs["y"]])), Throws.TypeOf<OnnxModelException>().With.Message.Contains("type"));
    }
}
