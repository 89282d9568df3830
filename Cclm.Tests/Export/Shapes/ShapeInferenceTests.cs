using Cclm.Export;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Whole models: every edge is what was inferred, and what can not be known is not guessed.</summary>
[Parallelizable]
public sealed class ShapeInferenceTests
{
    static readonly (string, OrtValue) Ids = OnnxRun.Tensor("ids", [4L, 7, 3, 0, 0, 5, 9, 9, 3, 0, 3, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0], 3, 7);

    static (string, OrtValue)[] Inputs(ModelProto model) => model.Graph.Input[0].Name == "text" ? [OnnxRun.Texts("text", "abc", "", "d\U0001F600")] : [Ids];

    static ModelProto Composed(Pooling pooling = Pooling.MeanMax) =>
        Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], new() { Pooling = new(pooling), Heads = [Compositions.OnAll] });

    [TestCaseSource(typeof(Compositions), nameof(Compositions.All))]
    public void EveryEdgeOfACompositionIsWhatWasInferred(Decomposition parts)
    {
        var model = parts.Compose();
        var unknowns = ShapeLaw.AssertFits(model, Inputs(model));
        var isForeign = model.Functions.Count > 0 || model.Graph.Node.Any(node => node.OpType == "If");
        Assert.That(unknowns.Rank, isForeign ? Is.Not.Empty : Is.Empty, "Rank or type not known.");
    }

    [Test, Combinatorial]
    public void EveryEdgeOfAComposedModelIsKnown([Values] Pooling pooling, [Values("float32", "int8", "float16", "int8-weights")] string precision, [Values] bool textIn)
    {
        var model = Composed(pooling);
        model = precision == "float32" ? model : Quantizer.Convert(model, new(PrecisionNames.Words[precision]) { SmallestWeight = 1 });
        model = textIn ? TextInput.Prepend(model) : model;
        var unknowns = ShapeLaw.AssertFits(model, Inputs(model));
        Assert.That(unknowns.Rank, Is.Empty, "Rank or type not known.");
        if (precision == "float32" && !textIn)
        {
            Assert.That(unknowns.Size, Is.Empty, "All is B, T or a number.");
        }
    }

    [Test]
    public void AnExtractionFromAComposedModelAsksForNoType([Values] bool textIn)
    {
        var model = textIn ? TextInput.Prepend(Composed()) : Composed();
        foreach (var edge in model.Graph.Node.Where(node => node.OpType != "Constant").SelectMany(node => node.Output))
        {
            Assert.That(() => Extractor.Extract(model, [model.Graph.Input[0].Name], [edge]), Throws.Nothing);
        }
    }

    [Test]
    public void WhatWasInferredIsAModelThatTheOfficialCheckerTakes()
    {
        var model = Composed();
        var inferred = ShapeInference.Infer(model);
        OfficialChecker.Check(inferred);
        var again = inferred.Clone();
        again.Graph.ValueInfo.Clear();
        Assert.That(again, Is.EqualTo(model), "Nothing else is changed.");
        Assert.That(ShapeInference.Infer(inferred), Is.EqualTo(inferred), "What is written down changes nothing.");
        Assert.That(inferred.Graph.ValueInfo.Select(info => info.Name), Is.Unique.And.EquivalentTo(model.Graph.Node.SelectMany(node => node.Output).Except(model.Graph.Output.Select(output => output.Name))));
    }

    [Test]
    public void AShapeThatIsComputedKeepsItsNames()
    {
        var graph = new OnnxGraph("heads");
        var x = graph.Input("x", DataType.Float, "B", "T", "35");
        Edge Dim(int axis) => graph.Op("Gather", [graph.Op("Shape", [x]), graph.Scalar(axis)]);
        var shape = graph.Op("Concat", [.. ((Edge[])[Dim(0), Dim(1), graph.Scalar(5), graph.Op("Div", [Dim(2), graph.Scalar(5)])]).Select(size => graph.Op("Unsqueeze", [size, graph.Constant(0)]))], ("axis", 0));
        var heads = graph.Op("Reshape", [x, shape]);
        graph.Output("y", graph.Op("Reshape", [graph.Op("Transpose", [heads], ("perm", (long[])[0, 2, 1, 3])), graph.Constant(0, 5, -1, 7)]), "B", "5", "T", "7");
        var model = graph.ToModel();
        Assert.That(TypeOf(model, heads.Name), Is.EqualTo("float[B,T,5,7]"));
        Assert.That(TypeOf(model, model.Graph.Node[^2].Output[0]), Is.EqualTo("float[B,5,T,7]"));
        _ = ShapeLaw.AssertFits(model, OnnxRun.Tensor("x", new float[3 * 2 * 35], 3, 2, 35));
    }

    /// <summary>What an unknown operator, a function or a body makes is known as far as it is declared, and what follows from it.</summary>
    [Test]
    public void WhatIsNotKnownIsNotGuessed()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        var strange = graph.Op("Sub", [x, x]);
        var (guessed, told) = (graph.Op("Relu", [strange]), graph.Op("Relu", [graph.Declare(graph.Op("Sub", [x, x]), DataType.Float, "B", "7")]));
        graph.Output("y", guessed, "B", "3");
        graph.Output("z", told, "B", "7");
        var model = graph.ToModel();
        foreach (var node in model.Graph.Node.Where(node => node.OpType == "Sub"))
        {
            node.OpType = "Strange";
        }
        Assert.That(TypeOf(model, strange.Name), Is.Null);
        Assert.That(TypeOf(model, guessed.Name), Is.Null);
        Assert.That(TypeOf(model, told.Name), Is.EqualTo("float[B,7]"));
        Assert.That(Extractor.Extract(model, [told.Name], ["z"]).Graph.Input.Single().Type, Is.EqualTo(OddParts.Info("i", "B", "7").Type), "An extraction asks for no type that follows.");
        Assert.That(() => Extractor.Extract(model, [guessed.Name], ["y"]), Throws.ArgumentException.With.Message.Contains($"'{guessed.Name}' is not known").And.Message.Contains("ExtractionOptions.Types").And.Message.Contains("Declare"));
    }

    [TestCase(DataType.Int64, new[] { "B", "T", "3" }, "float[B,T,3]", "expected int64[B,T,3]")]
    [TestCase(DataType.Float, new[] { "B", "T", "4" }, "float[B,T,3]", "expected float[B,T,4]")]
    [TestCase(DataType.Float, new[] { "B", "T" }, "float[B,T,3]", "expected float[B,T]")]
    public void AContradictionIsToldByNodeAndEdge(DataType type, string[] dims, params string[] words)
    {
        var graph = new OnnxGraph("g");
        var edge = graph.Declare(graph.Op("Tanh", [graph.Input("x", DataType.Float, "B", "T", "3")]), type, dims);
        graph.Output("y", graph.Op("Relu", [edge]), "B", "T", "3");
        Assert.That(() => ShapeInference.Infer(graph.ToModel()), Throws.InstanceOf<OnnxModelException>().With.Message.Contains("Node 'Tanh_0' (Tanh) makes edge 'Tanh_0'")
            .And.Message.Contains(words[0]).And.Message.Contains(words[1]));
    }

    static string? TypeOf(ModelProto model, string edge) => ShapeInference.Infer(model).Graph.ValueInfo.FirstOrDefault(info => info.Name == edge) is { } info ? OperatorShapeTests.Describe(info) : null;
}
