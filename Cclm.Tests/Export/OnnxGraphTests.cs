using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class OnnxGraphTests
{
    [Test]
    public void AGraphComputesWhatItsNodesSay()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        var weight = graph.Initializer("weight", [1f, 2, 3], 3);
        var parts = graph.Ops("Split", 3, [graph.Op("Mul", [x, weight])], ("axis", 1), ("num_outputs", 3));
        graph.Output("y", graph.Op("Concat", [parts[2], parts[0]], ("axis", -1L)), "B", "2");
        var model = graph.ToModel();
        Assert.That(OnnxRun.Run<float>(model, "y", OnnxRun.Tensor("x", [1f, 1, 1, 10, 10, 10], 2, 3)).Data, Is.EqualTo((float[])[3, 1, 30, 10]));
        OfficialChecker.Check(model);
    }

    [Test]
    public void AnOptionalInputThatIsLeftOutIsAnEmptyName()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "N");
        graph.Output("y", graph.Op("Clip", [x, default, graph.Scalar(2f)]), "N");
        Assert.That(OnnxRun.Run<float>(graph.ToModel(), "y", OnnxRun.Tensor("x", [-5f, 1, 9], 3)).Data, Is.EqualTo((float[])[-5, 1, 2]));
    }

    static readonly object[] Attributes =
    [
        1.5f, 2L, 2, true, "text", DataType.Bool, (long[])[1, 2], (float[])[1.5f], (string[])["a", ""], new TensorProto { Name = "t" }, new GraphProto { Name = "g" },
    ];

    [TestCaseSource(nameof(Attributes))]
    public void AnAttributeSaysWhichOfItsValuesCounts(object value)
    {
        var graph = new OnnxGraph("g");
        graph.Op("Any", [], ("attribute", value));
        var attribute = graph.ToModel().Graph.Node[0].Attribute[0];
        object found = attribute.Type switch
        {
            AttributeProto.Types.AttributeType.Float => attribute.F,
            AttributeProto.Types.AttributeType.Int when value is bool => attribute.I == 1,
            AttributeProto.Types.AttributeType.Int when value is int => (int)attribute.I,
            AttributeProto.Types.AttributeType.Int when value is DataType => (DataType)attribute.I,
            AttributeProto.Types.AttributeType.Int => attribute.I,
            AttributeProto.Types.AttributeType.String => attribute.S.ToStringUtf8(),
            AttributeProto.Types.AttributeType.Ints => attribute.Ints,
            AttributeProto.Types.AttributeType.Floats => attribute.Floats,
            AttributeProto.Types.AttributeType.Strings => attribute.Strings.Select(text => text.ToStringUtf8()),
            AttributeProto.Types.AttributeType.Tensor => attribute.T,
            AttributeProto.Types.AttributeType.Graph => attribute.G,
            _ => "nothing",
        };
        Assert.That(found, Is.EqualTo(value));
    }

    [Test]
    public void AnAttributeOfAnotherTypeIsRefusedByName() =>
        Assert.That(() => new OnnxGraph("g").Op("Any", [], ("ratio", 0.5)), Throws.TypeOf<NotSupportedException>().With.Message.Contains("'ratio'").And.Message.Contains("Double"));

    [Test]
    public void AnUnknownDomainIsRefused() =>
        Assert.That(() => new OnnxGraph("g").Op("org.example.Op", []), Throws.TypeOf<NotSupportedException>().With.Message.Contains("'org.example'").And.Message.Contains("com.microsoft"));

    [Test]
    public void OperatorSetsAreImportedWhenTheyAreUsed()
    {
        var graph = new OnnxGraph("g");
        Assert.That(Imports(), Is.EqualTo((string[])["|20"]));
        graph.Op("com.microsoft.Tokenizer", []);
        graph.Op("ai.onnx.ml.LabelEncoder", []);
        Assert.That(Imports(), Is.EqualTo((string[])["|20", "ai.onnx.ml|3", "com.microsoft|1"]));
        Assert.That(graph.ToModel().Graph.Node.Select(node => (node.Domain, node.OpType)), Is.EqualTo(((string, string)[])[("com.microsoft", "Tokenizer"), ("ai.onnx.ml", "LabelEncoder")]));

        string[] Imports() => [.. graph.ToModel().OpsetImport.Select(import => $"{import.Domain}|{import.Version}")];
    }

    [Test]
    public void EqualConstantsAreOneNodeAndNoWeight()
    {
        var graph = new OnnxGraph("g");
        Edge[] edges = [graph.Constant(1), graph.Constant(1), graph.Scalar(1), graph.Scalar(1L), graph.Scalar(1f), graph.Scalar(true), graph.Scalar("1"), graph.Constant(1, 1)];
        var model = graph.ToModel();
        Assert.Multiple(() =>
        {
            Assert.That(edges.Distinct().Count(), Is.EqualTo(6));
            Assert.That(model.Graph.Node, Has.Count.EqualTo(6));
            Assert.That(model.Graph.Initializer, Is.Empty);
        });
    }

    [Test]
    public void AWeightIsStoredOnceUnderItsName()
    {
        var graph = new OnnxGraph("g");
        var (first, second) = (graph.Initializer("w", [1f, 2], 2), graph.Initializer("w", [1f, 2], 2));
        Assert.That(second, Is.EqualTo(first));
        Assert.That(graph.ToModel().Graph.Initializer, Has.Count.EqualTo(1));
        Assert.That(() => graph.Initializer("w", [1f, 3], 2), Throws.ArgumentException.With.Message.Contains("'w'").And.Message.Contains("float[2]"));
        Assert.That(() => graph.Initializer("w", [1f, 2], 1, 2), Throws.ArgumentException.With.Message.Contains("float[1,2]"));
        Assert.That(() => graph.Initializer("w", [1L], 1), Throws.ArgumentException.With.Message.Contains("int64[1]"));
        Assert.That(() => graph.Initializer("v", [1f, 2], 3), Throws.ArgumentException.With.Message.Contains("8 bytes").And.Message.Contains("float[3] takes 12"));
    }

    [Test]
    public void NamesAreMadeOnce()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("Add_0", DataType.Float);       // the name that the first node would take
        var sum = graph.Op("Add", [x, x]);
        Assert.That(sum.Name, Is.Not.EqualTo("Add_0"));
        Assert.That(() => graph.Input("Add_0", DataType.Float), Throws.ArgumentException.With.Message.Contains("'Add_0'"));
        Assert.That(() => graph.Output(sum.Name, x), Throws.ArgumentException);
        Assert.That(() => graph.Initializer("Add_0", [1f]), Throws.ArgumentException);
    }

    [Test]
    public void NodesAreNamedAfterTheirLayer()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float);
        using (graph.Scope("blocks.0"))
        {
            using (graph.Scope("conv1"))
            {
                Assert.That(graph.Op("Relu", [x]).Name, Does.StartWith("blocks.0/conv1/Relu_"));
            }
            Assert.That(graph.Op("Relu", [x]).Name, Does.StartWith("blocks.0/Relu_"));
        }
        Assert.That(graph.Op("Relu", [x]).Name, Does.StartWith("Relu_"));
    }

    [Test]
    public void ADeclaredTypeIsWrittenDownAndChecksJoins()
    {
        var graph = new OnnxGraph("g");
        var tokens = graph.Declare(graph.Op("com.microsoft.Tokenizer", [graph.Input("x", DataType.String, "B")]), DataType.String, "B", "N");
        Assert.That(graph.ToModel().Graph.ValueInfo.Single().Name, Is.EqualTo(tokens.Name));
        Assert.That(() => graph.Include("e", TinyParts.Embedder(), ("ids", tokens)), Throws.TypeOf<OnnxModelException>().With.Message.Contains("string[B,N]"));
    }

    [Test]
    public void WhatIsAddedLaterDoesNotChangeAModel()
    {
        var graph = new OnnxGraph("g");
        graph.Scalar(1f);
        var model = graph.ToModel();
        graph.Scalar(2f);
        Assert.That(model.Graph.Node, Has.Count.EqualTo(1));
    }
}
