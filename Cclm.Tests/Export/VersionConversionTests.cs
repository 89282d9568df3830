using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Raising a model's operator sets changes no bit of what ONNX Runtime makes of it.</summary>
[Parallelizable]
public sealed partial class VersionConversionTests
{
    static readonly TestCaseData[] Encoders =
    [
        new TestCaseData(Texts("b", "?", "a"), new (string, object)[] { ("classes_strings", (string[])["a", "b"]), ("default_int64", 7L) }).SetArgDisplayNames("texts to numbers"),
        new TestCaseData(Longs(1, 9, 0), new (string, object)[] { ("classes_strings", (string[])["a", "b"]), ("default_string", "none") }).SetArgDisplayNames("numbers to texts"),
    ];

    [TestCaseSource(nameof(Encoders))]
    public void LabelsAreEncodedTheSame(TensorProto labels, (string, object)[] attributes)
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", (DataType)labels.DataType, "3");
        graph.Output("y", graph.Op("ai.onnx.ml.LabelEncoder", [x], attributes), new TypeProto());
        var model = graph.ToModel();
        model.OpsetImport.Single(import => import.Domain == "ai.onnx.ml").Version = 1;
        var raised = VersionConversion.Raise(model, "ai.onnx.ml", 5);
        RecordedValue[] inputs = [new("x", model.Graph.Input[0].Type, labels.ToByteArray())];
        Assert.That(ModelResult.Of(raised, inputs).Text, Is.EqualTo(ModelResult.Of(model, inputs).Text));
    }

    /// <summary>x [2,3] -> y: a branch and a function of version 11, whose names a rewrite would like to give.</summary>
    static ModelProto Nested()
    {
        var graph = new OnnxGraph("nested");
        var x = graph.Input("x", DataType.Float, "2", "3");
        var branch = new GraphProto { Name = "branch", Output = { new ValueInfoProto { Name = "b", Type = OfFloats } } };
        branch.Node.Add(new NodeProto { OpType = "ReduceSum", Input = { "x" }, Output = { "b" }, Attribute = { Axes(1) } });
        var other = new GraphProto { Name = "other", Output = { new ValueInfoProto { Name = "b/Constant", Type = OfFloats } } };
        other.Node.Add(new NodeProto { OpType = "Softmax", Input = { "x" }, Output = { "b/Constant" } });
        var chosen = graph.Op("If", [graph.Scalar(true)], ("then_branch", branch), ("else_branch", other));
        graph.Output("y", graph.Op("com.microsoft.F", [chosen]), new TypeProto());
        var model = graph.ToModel();
        model.Functions.Add(new FunctionProto
        {
            Domain = "com.microsoft",
            Name = "F",
            Input = { "a" },
            Output = { "b" },
            OpsetImport = { new OperatorSetIdProto { Version = 11 } },
            Node = { new NodeProto { OpType = "Unsqueeze", Input = { "a" }, Output = { "b" }, Attribute = { Axes(0) } } },
        });
        model.OpsetImport.Single(import => import.Domain.Length == 0).Version = 11;
        return model;
    }

    static AttributeProto Axes(params long[] axes) => new() { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints, Ints = { axes } };

    [Test]
    public void BranchesAndFunctionsAreRaisedToo()
    {
        var model = Nested();
        var raised = VersionConversion.Raise(model, "", 26);
        ModelCheck.Ensure(raised);
        RecordedValue[] inputs = [new("x", OfFloats, Tensor(DataType.Float, OnnxRun.Random(1, 6), 2, 3).ToByteArray())];
        Assert.That(raised.Functions.Single().OpsetImport.Single().Version, Is.EqualTo(26));
        Assert.That(ModelResult.Of(raised, inputs).Text, Is.EqualTo(ModelResult.Of(model, inputs).Text));
    }

    [Test]
    public void WeightsStayTheyAreWhatAPartIsKnownBy()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "2", "3");
        graph.Output("y", graph.Op("Clip", [graph.Op("Add", [x, graph.Initializer("weight", [1f, 2, 3], 3)])], ("min", 0f)), new TypeProto());
        var model = graph.ToModel();
        model.OpsetImport.Single().Version = 7;
        Assert.That(WeightsHash.Of(VersionConversion.Raise(model, "", 26)), Is.EqualTo(WeightsHash.Of(model)));
    }

    [Test]
    public void ANodeThatCanNotBeRaisedIsNamedWithItsOperatorAndBothVersions()
    {
        var graph = new OnnxGraph("g");
        graph.Output("y", graph.Op("BatchNormalization", [.. Enumerable.Range(0, 5).Select(i => graph.Input($"x{i}", DataType.Float, "3"))], ("spatial", 0L)), new TypeProto());
        var model = graph.ToModel();
        model.OpsetImport.Single().Version = 8;
        Assert.That(() => VersionConversion.Raise(model, "", 21, "part 'a'"), Throws.TypeOf<OnnxModelException>().With.Message.StartsWith(
            "part 'a': node 'BatchNormalization_0' (BatchNormalization) can not be raised from ai.onnx 8 to 21: it has statistics for each position (spatial is 0)"));
    }

    [TestCase("", 27, "versions 1 to 26 are known")]
    [TestCase("own", 2, "only ai.onnx and ai.onnx.ml can")]
    public void AVersionThatIsNotKnownIsRefused(string domain, long version, string reason)
    {
        var model = TinyParts.Embedder();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        Assert.That(() => VersionConversion.Raise(model, domain, version), Throws.TypeOf<OnnxModelException>().With.Message.Contains(reason));
    }

    [Test]
    public void AModelOfThatVersionOrANewerIsTheResultItself()
    {
        var model = TinyParts.Embedder();
        Assert.That(VersionConversion.Raise(model, "", 20), Is.SameAs(model));
        Assert.That(VersionConversion.Raise(model, "ai.onnx", 13), Is.SameAs(model));
        Assert.That(VersionConversion.Raise(model, "ai.onnx.ml", 5), Is.SameAs(model));
    }

    [Test]
    public void TheIrVersionFollowsAndWeightsAreInputsNoMore()
    {
        var model = TinyParts.Embedder();
        (model.IrVersion, model.OpsetImport[0].Version) = (3, 9);
        model.Graph.Input.Add(new ValueInfoProto { Name = model.Graph.Initializer[0].Name });
        var raised = VersionConversion.Raise(model, "", 21);
        Assert.That((raised.IrVersion, raised.Graph.Input.Count), Is.EqualTo((10, 1)));
    }

    /// <summary>Parts of three versions, whichever comes first, make one graph of the newest that computes what each of them does.</summary>
    [TestCase(11, 20, 26)]
    [TestCase(26, 20, 11)]
    [TestCase(20, 11, 26)]
    public void PartsOfAllVersionsStitchInAnyOrder(params int[] versions)
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "2", "3");
        foreach (var version in versions)
        {
            var part = version == 11 ? Nested() : VersionConversion.Raise(Nested(), "", version);
            part.Functions[0].Name = part.Graph.Node.Single(node => node.OpType == "F").OpType = $"F{version}";
            graph.Output($"y{version}", graph.Include($"p{version}", part, ("x", x))["y"], new TypeProto());
        }
        var model = graph.ToModel();
        ModelCheck.Ensure(model);
        Assert.That(model.OpsetImport.Single(import => import.Domain.Length == 0).Version, Is.EqualTo(26));
        RecordedValue[] inputs = [new("x", OfFloats, Tensor(DataType.Float, OnnxRun.Random(1, 6), 2, 3).ToByteArray())];
        var expected = ModelResult.Of(Nested(), inputs).Text;
        Assert.That(ModelResult.Of(model, inputs).Text, Is.EqualTo($"{expected}\n{expected}\n{expected}"));
    }
}
