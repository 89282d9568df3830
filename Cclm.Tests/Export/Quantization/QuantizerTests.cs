using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Conversions of whole models: what is shared, nested, called and said of them.</summary>
[Parallelizable]
public sealed class QuantizerTests
{
    static readonly string[] Words = ["int8", "float16", "int8-weights"];

    static QuantizationOptions To(string word) => new(PrecisionNames.Words[word]) { SmallestWeight = 1 };

    /// <summary>A weight that two products read, turned and not, and that something else reads too.</summary>
    [TestCase("int8", 0.1, new[] { "w", "w.int8", "w.int8_2", "w.scale", "w.scale_2" })]
    [TestCase("float16", 1e-2, new[] { "w.float16" })]
    [TestCase("int8-weights", 5e-2, new[] { "w.int8", "w.scale" })]
    public void ASharedWeightIsStoredOnceInEachForm(string to, double difference, string[] names)
    {
        var graph = new OnnxGraph("shared");
        var (x, w) = (graph.Input("x", DataType.Float, "B", "6"), graph.Initializer("w", OnnxRun.Random(2, 36), 6, 6));
        var first = graph.Op("MatMul", [graph.Op("MatMul", [x, w]), w]);
        var turned = graph.Op("MatMul", [first, graph.Op("Transpose", [w], ("perm", (long[])[1, 0]))]);
        graph.Output("y", graph.Op("Add", [turned, graph.Op("ReduceSum", [w, graph.Constant(0)], ("keepdims", 0))]), "B", "6");
        var converted = AssertSame(graph.ToModel(), to, difference, OnnxRun.Tensor("x", OnnxRun.Random(1, 18), 3, 6));
        OfficialChecker.Check(converted);
        var weights = converted.Graph.Initializer.Select(tensor => tensor.Name).Order(StringComparer.Ordinal);
        Assert.That(weights, Is.EqualTo(to == "float16" ? ["w", .. names] : names), "A sum in float16 reads the float weight.");
    }

    /// <summary>Branches that read weights of their own and from around, and give on what is computed around them.</summary>
    [Test]
    public void NestedGraphsAreConverted([ValueSource(nameof(Words))] string to, [Values] bool condition)
    {
        var graph = new OnnxGraph("branches");
        var x = graph.Input("x", DataType.Float, "B", "6");
        var outer = graph.Initializer("outer.weight", OnnxRun.Random(2, 36), 6, 6);
        var computed = graph.Op("MatMul", [x, outer]);
        var then = Branch("then", new() { OpType = "MatMul", Input = { computed.Name, "inner.weight" }, Output = { "then.y" } });
        then.Initializer.Add(Tensor("inner.weight", OnnxRun.Random(3, 36), 6, 6));
        var otherwise = Branch("else", new() { OpType = "MatMul", Input = { computed.Name, outer.Name }, Output = { "else.y" } });
        var given = Branch("given", new() { OpType = "Identity", Input = { computed.Name }, Output = { "given.y" } });
        var chosen = graph.Op("If", [graph.Input("c", DataType.Bool)], ("then_branch", then), ("else_branch", otherwise));
        var passed = graph.Op("If", [new("c")], ("then_branch", given), ("else_branch", Branch("other", new() { OpType = "Identity", Input = { computed.Name }, Output = { "other.y" } })));
        var equal = graph.Op("If", [new("c")], ("then_branch", then), ("else_branch", then.Clone()));
        graph.Output("y", graph.Op("Sum", [chosen, passed, equal]), "B", "6");
        var converted = AssertSame(graph.ToModel(), to, 0.2, OnnxRun.Tensor("x", OnnxRun.Random(1, 18), 3, 6), OnnxRun.Tensor("c", [condition]));
        var inner = converted.Graph.Node.First(node => node.OpType == "If").Attribute.First(attribute => attribute.Name == "then_branch").G;
        Assert.That(inner.Initializer.Select(tensor => tensor.Name), Has.Member(to == "float16" ? "inner.weight.float16" : "inner.weight.int8").And.No.Member("inner.weight"));

        static GraphProto Branch(string name, NodeProto node) => new() { Name = name, Node = { node }, Output = { new ValueInfoProto { Name = node.Output[0], Type = new() { TensorType = new() { ElemType = (int)DataType.Float, Shape = new() } } } } };
    }

    /// <summary>A local function is called as before; its weights come from outside.</summary>
    [Test]
    public void FunctionsStayAsTheyAre([ValueSource(nameof(Words))] string to)
    {
        var graph = new OnnxGraph("calls");
        var x = graph.Input("x", DataType.Float, "B", "6");
        var product = graph.Op("MatMul", [x, graph.Initializer("w", OnnxRun.Random(2, 36), 6, 6)]);
        graph.Output("y", product, "B", "6");
        var model = graph.ToModel();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.Add(new FunctionProto
        {
            Domain = "own",
            Name = "Layer",
            Input = { "a", "b" },
            Output = { "c" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 20 } },
            Node = { new NodeProto { OpType = "MatMul", Input = { "a", "b" }, Output = { "m" } }, new NodeProto { OpType = "Relu", Input = { "m" }, Output = { "c" } } },
        });
        var last = model.Graph.Node[^1];
        last.Output[0] = "before";
        model.Graph.Node.Add(new NodeProto { OpType = "Layer", Domain = "own", Name = "call", Input = { "before", "w" }, Output = { "called" } });
        model.Graph.Node.Add(new NodeProto { OpType = "MatMul", Name = "after", Input = { "called", "w" }, Output = { "y" } });
        var converted = AssertSame(model, to, 0.1, OnnxRun.Tensor("x", OnnxRun.Random(1, 18), 3, 6));
        Assert.That(converted.Functions, Is.EqualTo(model.Functions));
    }

    /// <summary>A composed model is one afterwards: it says of itself what it said, and its precision.</summary>
    [Test]
    public void AComposedModelStaysOne([ValueSource(nameof(Words))] string to)
    {
        var model = Composed();
        var converted = AssertSame(model, to, 2e-2, OnnxRun.Tensor("ids", [4L, 5, 3, 0, 7, 9, 11, 3], 2, 4));
        OfficialChecker.Check(converted);
        Assert.That(TinyParts.Metadata(converted).ToProperties(), Is.EqualTo((TinyParts.Metadata(model) with { Precision = to }).ToProperties()));
        Assert.That(converted.Graph.Output, Is.EqualTo(model.Graph.Output));
        Assert.That(ModelSummary.Of(converted).ToMarkdown(), Does.Contain($"| cclm.precision | {to} |"));
        var text = OnnxRun.Run<float>(TextInput.Prepend(converted), "embedding", OnnxRun.Texts("text", "abc", "d😀")).Data;
        Assert.That(text, Is.EqualTo(OnnxRun.Run<float>(TextInput.Prepend(model), "embedding", OnnxRun.Texts("text", "abc", "d😀")).Data).Within(2e-2));
        Assert.That(OnnxRun.Run<float>(Quantizer.Convert(TextInput.Prepend(model), To(to)), "embedding", OnnxRun.Texts("text", "abc", "d😀")).Data, Is.EqualTo(text).Within(1e-3), "Other optimisations round elsewhere.");
        Assert.That(() => Quantizer.Convert(converted, To("int8")), Throws.InstanceOf<OnnxModelException>().With.Message.Contains($"is in {to} already"));
        Assert.That(() => Composer.Compose(converted, [("t", TinyParts.Tower(TinyParts.Embedder(), 3))]), Throws.InstanceOf<OnnxModelException>().With.Message.Contains($"is in {to}; expected float32"));
    }

    [Test]
    public void WhatIsToBeKeptIsKept([ValueSource(nameof(Words))] string to)
    {
        var model = Composed();
        var converted = Quantizer.Convert(model, To(to) with { Keep = ["towers.a."] });
        Assert.That(converted.Graph.Initializer, Has.Member(model.Graph.Initializer.Single(tensor => tensor.Name == "towers.a.up.weight")));
        Assert.That(converted.Graph.Initializer.Select(tensor => tensor.Name), Has.No.Member("towers.b.up.weight"));
        Assert.That(() => Quantizer.Convert(model, To(to) with { Keep = [""] }), Throws.InstanceOf<OnnxModelException>().With.Message.Contains("has no weight"));
    }

    [Test]
    public void AnOldOperatorSetIsRefused()
    {
        var model = Composed();
        model.OpsetImport.Single(import => import.Domain == "").Version = 17;
        Assert.That(() => Quantizer.Convert(model, To("int8")), Throws.InstanceOf<OnnxModelException>().With.Message.Contains("int8 needs 18 or newer"));
    }

    /// <summary>A bias that half precision does not hold, and one that it takes for zero: what reads them stays in float32, and so does what follows.</summary>
    [Test]
    public void NumbersBeyondHalfPrecisionStay([Values(-1e9f, 1e-12f)] float number, [Values] bool asAttribute)
    {
        var graph = new OnnxGraph("beyond");
        var x = graph.Op("MatMul", [graph.Input("x", DataType.Float, "B", "4"), graph.Initializer("w", OnnxRun.Random(1, 16), 4, 4)]);
        var constant = asAttribute ? graph.Op("Constant", [], ("value_float", number)) : graph.Scalar(number);
        var scaled = graph.Op("Div", [graph.Op("Mul", [x, constant]), constant]);
        graph.Output("y", graph.Op("Softmax", [scaled]), "B", "4");
        AssertSame(graph.ToModel(), "float16", 2e-3, OnnxRun.Tensor("x", OnnxRun.Random(2, 12), 3, 4));
    }

    /// <summary>Converts, checks, and compares what both say.</summary>
    static ModelProto AssertSame(ModelProto model, string to, double difference, params (string, Microsoft.ML.OnnxRuntime.OrtValue)[] inputs)
    {
        var before = model.Clone();
        var converted = Quantizer.Convert(model, To(to));
        Assert.That(model, Is.EqualTo(before), "The model is not changed.");
        Assert.That(ModelCheck.Problems(converted), Is.Empty);
        foreach (var output in model.Graph.Output.Where(output => output.Type.TensorType.ElemType == (int)DataType.Float))
        {
            var (found, shape) = OnnxRun.Run<float>(converted, output.Name, inputs);
            var (expected, expectedShape) = OnnxRun.Run<float>(model, output.Name, inputs);
            Assert.That(shape, Is.EqualTo(expectedShape));
            Assert.That(found, Is.EqualTo(expected).Within(difference), output.Name);
            Assert.That(found, Is.Not.EqualTo(expected), "Something was rounded.");
        }
        return converted;
    }

    static ModelProto Composed()
    {
        var embedder = TinyParts.Embedder(width: 5);
        return Composer.Compose(embedder, [("a", TinyParts.Tower(embedder, 7)), ("b", TinyParts.Tower(embedder, 3, seed: 4))], new() { Pooling = new(Pooling.MeanMax) });
    }

    static TensorProto Tensor(string name, float[] values, params long[] shape) => new() { Name = name, DataType = (int)DataType.Float, FloatData = { values }, Dims = { shape } };
}
