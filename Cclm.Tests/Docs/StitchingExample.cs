using System.Text.RegularExpressions;
using Cclm.Export;
using Cclm.Tests.Export;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Docs;

/// <summary>docs/stitching.md: its code, and that each of its ticks has a test.</summary>
public sealed partial class StitchingExample
{
    static ModelProto Scale(string output, float by)
    {
        var graph = new OnnxGraph("scale");
        graph.Output(output, graph.Op("Mul", [graph.Input("x", DataType.Float, "N", "3"), graph.Initializer("by", [by], 1)]), "N", "3");
        return graph.ToModel();
    }

    [Test]
    public void TheCodeOfTheDocumentRuns()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        var (encoder, topic, mood) = (Scale("hidden", 2), Scale("y", 3), Scale("y", -1));
        #region stitch
        ModelProto whole = Stitcher.Stitch(
            [("encoder", encoder), ("topic", topic), ("mood", mood)],
            [new("encoder", "hidden", "topic", "x"), new("encoder", "hidden", "mood", "x")],
            new() { Outputs = [("topic", "y"), ("mood", "y"), ("encoder", "hidden")] });
        OnnxFile.Save(whole, "whole.onnx");
        #endregion
        #region include
        var graph = new OnnxGraph("scored");
        var x = graph.Input("x", DataType.Float, "N", "3");
        var hidden = graph.Include("encoder", encoder, ("x", x))["hidden"];
        var scores = graph.Op("Softmax", [graph.Include("topic", topic, ("x", hidden))["y"]], ("axis", -1));
        graph.Output("scores", scores, "N", "3");
        ModelProto scored = graph.ToModel();
        #endregion
        #region shapes
        ModelProto typed = ShapeInference.Infer(whole);     // a value_info for each edge: float[N,3]
        ModelCost cost = ModelCost.Of(whole, 32);           // N is 32
        Console.WriteLine($"{cost.All.GigaFlop} GFLOP, {cost.All.ActivationBytes} bytes of activations");
        #endregion
        Assert.That(typed.Graph.ValueInfo.Select(OperatorShapeTests.Describe), Is.Not.Empty.And.All.EqualTo("float[N,3]"));
        Assert.That((cost.All.MultiplyAdds, cost.UnknownEdges), Is.EqualTo((0, 0)), "There is no product of matrices in it.");
        #region stages
        ModelProto classes = Stages.Append(topic, "classes", (graph, outputs) => graph.Softmax(graph.Slice(outputs["y"], 0, 2)));
        ModelProto unit = Stages.Append(topic, "y", (graph, outputs) => graph.L2Normalise(outputs["y"]));      // in the place of y
        ModelProto halves = Stages.Prepend(topic, "x", graph => graph.Cast(graph.Input("x", DataType.Float16, "N", "3"), DataType.Float));
        #endregion
        var input = OnnxRun.Tensor("x", [1f, 2, 3], 1, 3);
        Assert.That(OnnxRun.Run<float>(OnnxFile.Load("whole.onnx"), "topic.y", input).Data, Is.EqualTo(new[] { 6f, 12, 18 }));
        Assert.That(OnnxRun.Run<float>(whole, "hidden", input).Data, Is.EqualTo(new[] { 2f, 4, 6 }));
        Assert.That(OnnxRun.Run<float>(scored, "scores", input).Data.Sum(), Is.EqualTo(1).Within(1e-6));
        Assert.That(OnnxRun.Run<float>(classes, "classes", input).Data.Sum(), Is.EqualTo(1).Within(1e-6));
        Assert.That(OnnxRun.Run<float>(unit, "y", input).Data.Sum(value => value * value), Is.EqualTo(1).Within(1e-6));
        Assert.That(OnnxRun.Run<float>(halves, "y", OnnxRun.Tensor("x", [(Float16)1f, (Float16)2f, (Float16)3f], 1, 3)).Data, Is.EqualTo(new[] { 3f, 6, 9 }));
    }

    [Test]
    public void EachTickHasATest()
    {
        var rows = Documents.Read("stitching.md").Split('\n').Where(line => line.StartsWith('|')).Skip(2).ToArray();
        var tests = rows.Select(row => NameOfTest().Match(row)).ToArray();
        Assert.That(tests, Has.Length.GreaterThan(15).And.All.Property("Success").True);
        foreach (var test in tests)
        {
            var fixture = typeof(StitchingExample).Assembly.GetTypes().Single(type => type.Name == test.Groups[1].Value);
            Assert.That(fixture.GetMethod(test.Groups[2].Value)?.GetCustomAttributes(false), Has.Some.InstanceOf<NUnit.Framework.Interfaces.ITestBuilder>().Or.Some.InstanceOf<TestAttribute>(), test.Value);
        }
    }

    [GeneratedRegex(@"`(\w+)\.(\w+)` \|$")]
    private static partial Regex NameOfTest();
}
