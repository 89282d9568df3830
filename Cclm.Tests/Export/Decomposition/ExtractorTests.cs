using Cclm.Export;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

[Parallelizable]
public sealed class ExtractorTests
{
    static readonly (string, OrtValue) Ids = OnnxRun.Tensor("ids", [4L, 7, 3, 0, 9, 3], 2, 3);

    static ValueInfoProto Float(string edge) => new() { Name = edge, Type = new() { TensorType = new() { ElemType = (int)DataType.Float } } };

    static ExtractionOptions Floats(params string[] edges) => new() { Types = [.. edges.Select(Float)] };

    /// <summary>The model with every edge of its graph as an output.</summary>
    static ModelProto Open(ModelProto model)
    {
        model = model.Clone();
        var there = model.Graph.Output.Select(output => output.Name).ToHashSet();
        model.Graph.Output.Add(model.Graph.Node.SelectMany(node => node.Output).Where(edge => !there.Contains(edge)).Select(edge => new ValueInfoProto { Name = edge }));
        return model;
    }

    static IEnumerable<TestCaseData> Models()
    {
        var parts = new Decomposition(Compositions.Base, [Compositions.A, ("odd", OddParts.Tower(Compositions.Base, tower => { OddParts.Call(tower); OddParts.Branch(tower); }))],
            new() { Pooling = new(Pooling.MeanMax) }, TextIn: false);
        yield return new TestCaseData(parts.Compose(), Ids).SetArgDisplayNames("composed");
        yield return new TestCaseData(ControlFlow(), OnnxRun.Tensor("x", [1f, -3], 2)).SetArgDisplayNames("control flow");
    }

    /// <summary>x [N] through a Scan, a Loop and an If, whose bodies read edges and weights from around them.</summary>
    static ModelProto ControlFlow()
    {
        var graph = new OnnxGraph("flow");
        var x = graph.Input("x", DataType.Float, "N");
        var w = graph.Initializer("w", [2f], 1);
        var bias = graph.Initializer("bias", [1f], 1);
        graph.Initializer("not_read", [0f], 1);
        var shifted = graph.Op("Add", [x, bias]);
        var scan = Body("scan", ["s", "item"], ["s_out", "item_out"],
            new NodeProto { OpType = "Add", Input = { "s", "item" }, Output = { "s_out" } }, new NodeProto { OpType = "Mul", Input = { "item", w.Name }, Output = { "scaled" } },
            new NodeProto { OpType = "Squeeze", Input = { "scaled" }, Output = { "item_out" } });
        var scanned = graph.Ops("Scan", 2, [graph.Scalar(0f), shifted], ("body", scan), ("num_scan_inputs", 1L))[1];
        var loop = Body("loop", [], ["carried_out"], new NodeProto { OpType = "Identity", Input = { "go" }, Output = { "go_on" } },
            new NodeProto { OpType = "Add", Input = { "carried", shifted.Name }, Output = { "carried_out" } });
        loop.Input.Add([Scalar("i", DataType.Int64), Scalar("go", DataType.Bool), OddParts.Info("carried", "N")]);
        loop.Output.Insert(0, Scalar("go_on", DataType.Bool));
        var looped = graph.Op("Loop", [graph.Scalar(3), graph.Scalar(true), scanned], ("body", loop));
        var positive = graph.Op("Greater", [graph.Op("ReduceSum", [looped], ("keepdims", 0)), graph.Scalar(0f)]);
        var chosen = graph.Op("If", [positive], ("then_branch", Body("then", [], ["r"], new NodeProto { OpType = "Mul", Input = { looped.Name, w.Name }, Output = { "r" } })),
            ("else_branch", Body("else", [], ["r"], new NodeProto { OpType = "Identity", Input = { x.Name }, Output = { "r" } })));
        graph.Output("y", chosen, "N");
        return graph.ToModel();
    }

    static GraphProto Body(string name, string[] inputs, string[] outputs, params NodeProto[] nodes) =>
        new() { Name = name, Input = { inputs.Select(Float) }, Output = { outputs.Select(Float) }, Node = { nodes } };

    static ValueInfoProto Scalar(string name, DataType type) => new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = new() } } };

    [TestCaseSource(nameof(Models))]
    public void EveryInnerEdgeIsWhatItIsInTheWhole(ModelProto model, (string Name, OrtValue) input)
    {
        var open = Open(model);
        using var session = new InferenceSession(open.ToByteArray(), new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR });
        var floats = session.OutputMetadata.Where(output => output.Value.ElementType == typeof(float)).Select(output => output.Key).ToArray();
        var constants = model.Graph.Node.Where(node => node.OpType == "Constant").SelectMany(node => node.Output).ToHashSet();
        Assert.That(floats, Has.Length.GreaterThan(5));
        foreach (var edge in floats)
        {
            var inputs = constants.Contains(edge) ? Array.Empty<string>() : [input.Name];
            var extracted = Extractor.Extract(model, inputs, [edge], Floats(edge));
            var (expected, found) = (OnnxRun.Run<float>(open, edge, input), OnnxRun.Run<float>(extracted, edge, inputs.Length > 0 ? [input] : []));
            Assert.That(found.Data, Is.EqualTo(expected.Data), edge);
            Assert.That(found.Shape, Is.EqualTo(expected.Shape), edge);
            Assert.That(ModelCheck.Problems(extracted), Is.Empty, edge);
            Assert.That(extracted.Graph.Node, Has.Count.LessThanOrEqualTo(model.Graph.Node.Count));
        }
    }

    [Test]
    public void ACutThroughTheMiddleComputesTheRest()
    {
        var model = Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], new() { Pooling = new(Pooling.Mean) });
        var inputs = model.Graph.Node.First(node => node.OpType == "Concat").Input.ToArray();
        var extracted = Extractor.Extract(model, inputs, ["hidden"], new() { Types = [OddParts.Info(inputs[0], "B", "T", "3"), OddParts.Info(inputs[1], "B", "T", "4")] });
        var given = inputs.Select(edge => OnnxRun.Run<float>(Open(model), edge, Ids) is var (data, shape) ? OnnxRun.Tensor(edge, data, shape) : default).ToArray();
        Assert.That(OnnxRun.Run<float>(extracted, "hidden", given).Data, Is.EqualTo(OnnxRun.Run<float>(model, "hidden", Ids).Data));
        Assert.Multiple(() =>
        {
            Assert.That(extracted.Graph.Node.Select(node => node.OpType), Is.EqualTo((string[])["Concat", "Identity"]));
            Assert.That(extracted.Graph.Initializer, Is.Empty);
            Assert.That(extracted.MetadataProps, Is.Empty);
            Assert.That(OnnxValuesOf(extracted.Graph.Output[0]), Is.EqualTo("B,T,7"));
        });
        OfficialChecker.Check(extracted);
    }

    static string OnnxValuesOf(ValueInfoProto value) => string.Join(',', value.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimParam ? dim.DimParam : $"{dim.DimValue}"));

    [Test]
    public void WhatBodiesReadFromAroundThemIsFollowedAndCanBeCut()
    {
        var model = ControlFlow();
        var loop = model.Graph.Node.Single(node => node.OpType == "Loop");
        var (shifted, scanned) = (model.Graph.Node[0].Output[0], loop.Input[2]);
        var extracted = Extractor.Extract(model, [shifted, scanned], [loop.Output[0]], new() { Types = [.. ((string[])[shifted, scanned, loop.Output[0]]).Select(edge => OddParts.Info(edge, "N"))] });
        Assert.That(extracted.Graph.Node.Select(node => node.OpType), Is.EquivalentTo((string[])["Constant", "Constant", "Loop"]), "what the body captures is given");
        var run = OnnxRun.Run<float>(extracted, loop.Output[0], OnnxRun.Tensor(shifted, [1f, 10], 2), OnnxRun.Tensor(scanned, [100f, 200], 2));
        Assert.That(run.Data, Is.EqualTo((float[])[103, 230]));
        Assert.That(Extractor.Extract(model, ["x"], ["y"]).Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo((string[])["w", "bias"]), "weights that only bodies read are read");
        OfficialChecker.Check(extracted);
    }

    [Test]
    public void AWeightCanBeGivenAndADefaultHolds()
    {
        var graph = new OnnxGraph("g");
        graph.Output("y", graph.Op("Add", [graph.Op("Mul", [graph.Input("x", DataType.Float, "2"), graph.Initializer("w", [2f, 3], 2)]), graph.Initializer("bias", [1f], 1)]), "2");
        var model = graph.ToModel();
        model.Graph.Input.Add(OddParts.Info("bias", "1"));
        var extracted = Extractor.Extract(model, ["x", "w"], ["y"]);
        Assert.That(OnnxRun.Run<float>(extracted, "y", OnnxRun.Tensor("x", [1f, 2], 2), OnnxRun.Tensor("w", [10f, 20], 2)).Data, Is.EqualTo((float[])[11, 41]));
        Assert.That(extracted.Graph.Input.Select(OnnxValuesOf), Is.EqualTo((string[])["2", "2"]));
    }

    [Test]
    public void ANodeThatMakesAGivenEdgeAndAnotherRunsOn()
    {
        var graph = new OnnxGraph("g");
        var halves = graph.Ops("Split", 2, [graph.Input("x", DataType.Float, "4")], ("axis", 0), ("num_outputs", 2L));
        graph.Output("y", graph.Op("Add", halves), "2");
        var extracted = Extractor.Extract(graph.ToModel(), ["x", halves[0].Name], ["y"], Floats(halves[0].Name));
        Assert.That(OnnxRun.Run<float>(extracted, "y", OnnxRun.Tensor("x", [1f, 2, 3, 4], 4), OnnxRun.Tensor(halves[0].Name, [10f, 20], 2)).Data, Is.EqualTo((float[])[13, 24]));
    }

    [Test]
    public void OnlyWhatIsNeededGoesAlong()
    {
        var model = OddParts.Tower(Compositions.Base, tower => { OddParts.Annotate(tower); OddParts.Call(tower); OddParts.Document(tower); });
        model.Functions[0].Node[0] = new NodeProto { OpType = "Inner", Domain = "own", Input = { "x" }, Output = { "y" } };
        model.Functions[0].OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.Add(new FunctionProto { Domain = "own", Name = "Inner", Input = { "x" }, Output = { "y" }, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 20 } }, Node = { new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } } } });
        var first = model.Graph.Node[0].Output[0];
        var (early, whole) = (Extractor.Extract(model, ["embedded"], [first], Floats(first)), Extractor.Extract(model, ["embedded", "mask"], ["hidden"], new() { KeepMetadata = true }));
        Assert.Multiple(() =>
        {
            Assert.That((early.Functions.Count, early.OpsetImport.Select(import => import.Domain)), Is.EqualTo((0, (string[])[""])));
            Assert.That(whole.Functions.Select(function => function.Name), Is.EqualTo((string[])["Same", "Inner"]), "of functions that functions call, too");
            Assert.That(whole.OpsetImport, Is.EqualTo(model.OpsetImport));
            Assert.That(early.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo((string[])["up.weight", "scale"]), "what annotations name");
            Assert.That(early.Graph.QuantizationAnnotation.Select(annotation => annotation.TensorName), Is.EqualTo((string[])["embedded", first]));
            Assert.That(early.Graph.SparseInitializer, Is.Empty);
            Assert.That((whole.MetadataProps, whole.ProducerName, whole.IrVersion), Is.EqualTo((model.MetadataProps, "other", model.IrVersion)));
        });
        Assert.That(OnnxRun.Run<float>(whole, "hidden", OnnxRun.Tensor("embedded", OnnxRun.Random(3, 10), 1, 2, 5), OnnxRun.Tensor("mask", [true, false], 1, 2)).Data[3..], Is.All.Zero);
    }

    [Test]
    public void ASparseWeightGoesAlong()
    {
        var graph = new OnnxGraph("g");
        graph.Output("y", graph.Op("MatMul", [graph.Input("x", DataType.Float, "1", "3"), new Edge("sparse")]), "1", "2");
        var model = graph.ToModel();
        model.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Values = new() { Name = "sparse", DataType = (int)DataType.Float, Dims = { 1 }, FloatData = { 2 } },
            Indices = new() { DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { 1 } },
            Dims = { 3, 2 },
        });
        Assert.That(Extractor.Extract(model, ["x"], ["y"]), Is.EqualTo(model));
    }

    [TestCase(new[] { "ids" }, new[] { "embeding" }, "no edge 'embeding'. Did you mean 'embedding'?")]
    [TestCase(new[] { "id" }, new[] { "hidden" }, "no edge 'id'. Did you mean 'ids'?")]
    [TestCase(new string[0], new[] { "hidden" }, "Output 'hidden' needs the model's input 'ids'", "Give it as an input")]
    [TestCase(new[] { "embedding" }, new[] { "hidden", "mask" }, "The outputs 'hidden', 'mask' need the model's input 'ids'")]
    [TestCase(new[] { "ids", "towers.a.up.weight" }, new[] { "mask" }, "reads input 'towers.a.up.weight'. Leave it out")]
    [TestCase(new[] { "ids" }, new string[0], "No output was named")]
    [TestCase(new[] { "ids", "ids" }, new[] { "hidden" }, "'ids' is named 2 times")]
    [TestCase(new[] { "ids", "mask" }, new[] { "mask" }, "'mask' is named 2 times")]
    public void WhatCanNotBeCutIsRefusedWithTheReason(string[] inputs, string[] outputs, params string[] words)
    {
        var model = Composer.Compose(Compositions.Base, [Compositions.A], new() { Pooling = new(Pooling.Mean) });
        var message = Assert.Throws<ArgumentException>(() => Extractor.Extract(model, inputs, outputs))!.Message;
        Assert.That(words.Where(word => !message.Contains(word, StringComparison.Ordinal)), Is.Empty, message);
    }
}
