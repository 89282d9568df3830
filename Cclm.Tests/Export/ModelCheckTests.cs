using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class ModelCheckTests
{
    /// <summary>y = Relu(x * w) + w.</summary>
    static ModelProto Sound()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "N", "2");
        var w = graph.Initializer("w", [1f, 2], 2);
        graph.Output("y", graph.Op("Add", [graph.Op("Relu", [graph.Op("Mul", [x, w])]), w]), "N", "2");
        return graph.ToModel();
    }

    [Test]
    public void ASoundModelHasNoProblems()
    {
        Assert.That(ModelCheck.Problems(Sound()), Is.Empty);
        Assert.That(() => ModelCheck.Ensure(Sound()), Throws.Nothing);
    }

    static TestCaseData Broken(string name, Action<ModelProto> damage, string problem) => new TestCaseData(damage, problem).SetArgDisplayNames(name);

    static readonly TestCaseData[] Damage =
    [
        Broken("no graph", m => m.Graph = null, "part: there is no graph in it."),
        Broken("ir", m => m.IrVersion = 99, "part: IR version 99 is unknown; expected 3 to 13."),
        Broken("opset", m => m.OpsetImport[0].Version = 0, "part: operator set ai.onnx has version 0; expected 1 or more."),
        Broken("opset twice", m => m.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 21 }), "part: operator set ai.onnx is imported 2 times; expected once."),
        Broken("domain", m => m.Graph.Node[0].Domain = "other", "part: node 'Mul_0' (Mul) is of operator set other, which the model does not import."),
        Broken("operator", m => m.Graph.Node[1].OpType = "", "part: node 'Relu_1' () has no operator."),
        Broken("dangling", m => m.Graph.Node[1].Input[0] = "gone", "part: node 'Relu_1' (Relu) reads 'gone', which no input, initializer or node makes."),
        Broken("order", m => (m.Graph.Node[0], m.Graph.Node[1]) = (m.Graph.Node[1], m.Graph.Node[0]), "part: node 'Relu_1' (Relu) reads 'Mul_0', which is made only after it or from it; expected an order in which each node follows what it reads."),
        Broken("cycle", m => m.Graph.Node[0].Input[0] = "Relu_1", "part: node 'Mul_0' (Mul) reads 'Relu_1', which is made only after it or from it; expected an order in which each node follows what it reads."),
        Broken("twice", m => m.Graph.Node[1].Output[0] = "Mul_0", "part: node 'Relu_1' (Relu) 'Mul_0' has a name that is taken; expected every edge to be made once."),
        Broken("initializer twice", m => m.Graph.Initializer.Add(m.Graph.Initializer[0].Clone()), "part: initializer 'w' has a name that is taken; expected every edge to be made once."),
        Broken("unnamed", m => m.Graph.Initializer.Add(new TensorProto { DataType = 1, RawData = ByteString.CopyFrom(1, 2, 3, 4) }), "part: an initializer has no name."),
        Broken("output", m => m.Graph.Output[0].Name = "gone", "part: output 'gone' is made by no node."),
        Broken("attributes", m => m.Graph.Node[1].Attribute.Add([new AttributeProto { Name = "a" }, new AttributeProto { Name = "a" }]), "part: node 'Relu_1' (Relu) has 2 attributes 'a'; expected one."),
        Broken("type", m => m.Graph.Initializer[0].DataType = 77, "part: initializer 'w' (type 77[2]) has an unknown element type."),
        Broken("negative", m => m.Graph.Initializer[0].Dims[0] = -2, "part: initializer 'w' (float[-2]) has an impossible shape."),
        Broken("overflow", m => m.Graph.Initializer[0].Dims.Add([long.MaxValue, long.MaxValue]), $"part: initializer 'w' (float[2,{long.MaxValue},{long.MaxValue}]) has an impossible shape."),
        Broken("bytes", m => m.Graph.Initializer[0].Dims[0] = 3, "part: initializer 'w' (float[3]) has 8 bytes of data; expected 12."),
        Broken("numbers", m => Typed(m, 1, 2, 3), "part: initializer 'w' (float[2]) has 3 numbers of data; expected 2."),
        Broken("typed NaN", m => Typed(m, 1, float.NaN), "part: initializer 'w' (float[2]) has NaN at element 1; expected finite numbers. Was the training stopped by a loss that diverged?"),
        Broken("half infinity", m => Half(m), "part: initializer 'w' (float16[2]) has Infinity at element 0; expected finite numbers. Was the training stopped by a loss that diverged?"),
        Broken("nested", m => m.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "body", G = new() { Node = { new NodeProto { OpType = "Neg", Input = { "gone" }, Output = { "inner" } } } } }),
            "part: node '' (Neg) reads 'gone', which no input, initializer or node makes."),
        Broken("function", m => m.Functions.Add(new FunctionProto { Name = "F", Output = { "y" } }), "part: output 'y' is made by no node."),
    ];

    static void Typed(ModelProto model, params float[] values)
    {
        model.Graph.Initializer[0].ClearRawData();
        model.Graph.Initializer[0].FloatData.AddRange(values);
    }

    static void Half(ModelProto model) =>
        (model.Graph.Initializer[0].DataType, model.Graph.Initializer[0].RawData) = ((int)DataType.Float16, ByteString.CopyFrom(0x00, 0x7c, 0, 0));

    [TestCaseSource(nameof(Damage))]
    public void AProblemIsNamedWithPartAndNode(Action<ModelProto> damage, string problem)
    {
        var model = Sound();
        damage(model);
        Assert.That(ModelCheck.Problems(model, "part"), Does.Contain(problem));
        Assert.That(() => ModelCheck.Ensure(model, "part"), Throws.TypeOf<OnnxModelException>());
    }

    [Test]
    public void ANestedGraphReadsWhatIsAroundIt()
    {
        var model = Sound();
        model.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "body", G = new() { Node = { new NodeProto { OpType = "Neg", Input = { "Mul_0", "" }, Output = { "inner" } } } } });
        Assert.That(ModelCheck.Problems(model), Is.Empty);
    }

    /// <summary>As the official checker has it.</summary>
    [TestCase("x", "inner", true)]
    [TestCase("w", "inner", true)]
    [TestCase("inner", "Mul_0", false)]
    public void AnInputOfABodyMayHideANameAndANodeMayNot(string input, string output, bool isSound)
    {
        var model = Sound();
        var body = new GraphProto { Input = { new ValueInfoProto { Name = input } }, Node = { new NodeProto { OpType = "Neg", Input = { input }, Output = { output } } } };
        model.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "body", G = body });
        Assert.That(ModelCheck.Problems(model).Count == 0, Is.EqualTo(isSound));
    }

    static IEnumerable<TestCaseData> TooDeep()
    {
        var graphs = new GraphProto();
        var types = new TypeProto();
        for (var depth = 0; depth < 100_000; depth++)
        {
            graphs = new() { Node = { new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = graphs } } } } };
            types = new() { SequenceType = new() { ElemType = types } };
        }
        yield return new TestCaseData((Action<ModelProto>)(model => model.Graph.Node.Add(graphs.Node))).SetArgDisplayNames("graphs");
        yield return new TestCaseData((Action<ModelProto>)(model => model.Graph.ValueInfo.Add(new ValueInfoProto { Type = types }))).SetArgDisplayNames("types");
        yield return new TestCaseData((Action<ModelProto>)(model => model.Functions.Add(new FunctionProto { Node = { graphs.Node } }))).SetArgDisplayNames("functions");
        yield return new TestCaseData((Action<ModelProto>)(model => model.TrainingInfo.Add(new TrainingInfoProto { Algorithm = graphs }))).SetArgDisplayNames("training");
    }

    /// <summary>One call for each level would end the process.</summary>
    [TestCaseSource(nameof(TooDeep))]
    public void WhatIsNestedTooDeepIsRefusedBeforeItIsWalked(Action<ModelProto> bury)
    {
        var model = TinyParts.Embedder();
        bury(model);
        using var folder = new TempFolder();
        Assert.Multiple(() =>
        {
            Assert.That(ModelCheck.Problems(model), Has.Count.EqualTo(1).And.One.Contains("more than 30"));
            Assert.That(() => OnnxFile.Save(model, folder["deep.onnx"]), Throws.TypeOf<OnnxModelException>());
            Assert.That(() => VersionConversion.Raise(model, "", 21), Throws.TypeOf<OnnxModelException>());
            Assert.That(() => new OnnxGraph("g").Include("part", model), Throws.TypeOf<OnnxModelException>());
        });
    }

    [Test]
    public void FunctionsThatCallThemselvesThroughOthersAreReported()
    {
        static FunctionProto Function(string name, string called) =>
            new() { Domain = "own", Name = name, Input = { "x" }, Output = { "y" }, Node = { new NodeProto { Domain = "own", OpType = called, Input = { "x" }, Output = { "y" } } } };
        var model = TinyParts.Embedder();
        model.Functions.Add((FunctionProto[])[Function("A", "B"), Function("B", "C"), Function("C", "Relu")]);
        Assert.That(ModelCheck.Problems(model), Is.Empty);
        model.Functions[2].Node[0].OpType = "A";
        Assert.That(ModelCheck.Problems(model), Is.EqualTo((string[])["model: function 'own.A' calls itself, directly or through others; expected calls that end."]));
        model.Functions[2].Name = "A";
        Assert.That(ModelCheck.Problems(model), Has.One.Contains("function 'own.A' is defined twice"));
    }
}
