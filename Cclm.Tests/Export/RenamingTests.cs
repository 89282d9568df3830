using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>A part keeps its meaning under a prefix, whatever it is made of.</summary>
public class RenamingTests
{
    static ValueInfoProto Info(string name, DataType type = DataType.Float, params string[] dims)
    {
        var graph = new OnnxGraph("g");
        graph.Input(name, type, dims);
        return graph.ToModel().Graph.Input[0];
    }

    static GraphProto Body(string name, ValueInfoProto output, params NodeProto[] nodes) => new() { Name = name, Node = { nodes }, Output = { output } };

    /// <summary>y = x if sum(x) > 0, else -x * w; the branches read x, w and sum from around them and name their own edges alike.</summary>
    static ModelProto Branches()
    {
        var graph = new OnnxGraph("branches");
        var x = graph.Input("x", DataType.Float, "N");
        var w = graph.Initializer("w", [2f], 1);
        var sum = graph.Op("ReduceSum", [x], ("keepdims", 0));
        var then = Body("then", Info("result", DataType.Float, "N"),
            new NodeProto { OpType = "Identity", Name = "same", Input = { x.Name }, Output = { "inner" } },
            new NodeProto { OpType = "Identity", Name = "out", Input = { "inner" }, Output = { "result" } });
        var @else = Body("else", Info("result", DataType.Float, "N"),
            new NodeProto { OpType = "Neg", Name = "same", Input = { x.Name }, Output = { "inner" } },
            new NodeProto { OpType = "Mul", Name = "out", Input = { "inner", w.Name }, Output = { "result" } });
        graph.Output("y", graph.Op("If", [graph.Op("Greater", [sum, graph.Scalar(0f)])], ("then_branch", then), ("else_branch", @else)), "N");
        return graph.ToModel();
    }

    [Test]
    public void NestedGraphsReadTheRenamedEdgesAroundThem()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("outside", DataType.Float, "K");
        var once = graph.Include("a", Branches(), ("x", x))["y"];
        graph.Output("y", graph.Include("b", Branches(), ("x", once))["y"], "K");
        var model = graph.ToModel();
        Assert.That(OnnxRun.Run<float>(model, "y", OnnxRun.Tensor("outside", [1f, -3], 2)).Data, Is.EqualTo((float[])[-2, 6]));       // else, then then
        Assert.That(ModelCheck.Problems(model), Is.Empty);
        OfficialChecker.Check(model);
    }

    /// <summary>y = x + 3w by a Loop whose body hides the outer name x by a carried edge of that name.</summary>
    static ModelProto Loop()
    {
        var graph = new OnnxGraph("loop");
        var start = graph.Input("x", DataType.Float, "N");
        var w = graph.Initializer("w", [2f], 1);
        var body = Body("body", Info("go_on", DataType.Bool),
            new NodeProto { OpType = "Identity", Input = { "go" }, Output = { "go_on" } },
            new NodeProto { OpType = "Add", Input = { "x", w.Name }, Output = { "next" } });
        body.Input.Add([Info("i", DataType.Int64), Info("go", DataType.Bool), Info("x", DataType.Float, "N")]);
        body.Output.Add(Info("next", DataType.Float, "N"));
        graph.Output("y", graph.Op("Loop", [graph.Scalar(3), graph.Scalar(true), start], ("body", body)), "N");
        return graph.ToModel();
    }

    [Test]
    public void ANameThatABodyHidesIsTheBodysOwn()
    {
        var graph = new OnnxGraph("g");
        graph.Output("y", graph.Include("a", Loop(), ("x", graph.Input("outside", DataType.Float, "K")))["y"], "K");
        var model = graph.ToModel();
        Assert.That(OnnxRun.Run<float>(model, "y", OnnxRun.Tensor("outside", [1f, -3], 2)).Data, Is.EqualTo((float[])[7, 3]));
        Assert.That(model.Graph.Node.Single(node => node.OpType == "Loop").Attribute[0].G.Input.Select(input => input.Name), Is.EqualTo((string[])["a.i", "a.go", "a.x"]));
    }

    [Test]
    public void EverythingThatNamesAnEdgeFollows()
    {
        var part = new OnnxGraph("part");
        var x = part.Input("x", DataType.Float, "N");
        part.Output("y", part.Op("Relu", [x]), "N");
        var model = part.ToModel();
        var graph = model.Graph;
        graph.SparseInitializer.Add(new SparseTensorProto { Values = new() { Name = "sparse" }, Indices = new() });
        graph.ValueInfo.Add(Info("Relu_0", DataType.Float, "N"));
        graph.QuantizationAnnotation.Add(new TensorAnnotation { TensorName = "x", QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "sparse" } } });
        graph.Node[0].DeviceConfigurations.Add(new NodeDeviceConfigurationProto { ShardingSpec = { new ShardingSpecProto { TensorName = "x" } } });

        var outer = new OnnxGraph("g");
        outer.Include("p", model, ("x", outer.Input("outside", DataType.Float, "K")));
        var joined = outer.ToModel().Graph;
        Assert.Multiple(() =>
        {
            Assert.That(joined.SparseInitializer.Single().Values.Name, Is.EqualTo("p.sparse"));
            Assert.That(joined.ValueInfo.Single().Name, Is.EqualTo("p.Relu_0"));
            Assert.That(joined.QuantizationAnnotation.Single().TensorName, Is.EqualTo("outside"));
            Assert.That(joined.QuantizationAnnotation.Single().QuantParameterTensorNames.Single().Value, Is.EqualTo("p.sparse"));
            Assert.That(joined.Node[0].DeviceConfigurations.Single().ShardingSpec.Single().TensorName, Is.EqualTo("outside"));
            Assert.That(joined.Node.Select(node => node.Name), Is.All.StartsWith("p."));
        });
    }

    [Test]
    public void AnInputWithADefaultCanBeFedOrLeft()
    {
        var part = new OnnxGraph("part");
        part.Output("y", part.Op("Add", [part.Input("x", DataType.Float, "1"), part.Initializer("bias", [5f], 1)]), "1");
        var model = part.ToModel();
        model.Graph.Input.Add(Info("bias", DataType.Float, "1"));

        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "1");
        var left = graph.Include("left", model, ("x", x))["y"];
        var fed = graph.Include("fed", model, ("x", x), ("bias", x))["y"];
        graph.Output("y", graph.Op("Concat", [left, fed], ("axis", 0)), "2");
        Assert.That(OnnxRun.Run<float>(graph.ToModel(), "y", OnnxRun.Tensor("x", [1f], 1)).Data, Is.EqualTo((float[])[6, 2]));
    }

    [Test]
    public void APartThatPassesItsInputOnGivesTheEdgeThatFedIt()
    {
        var part = new OnnxGraph("part").ToModel();
        part.Graph.Input.Add(Info("x", DataType.Float, "N"));
        part.Graph.Output.Add(Info("x", DataType.Float, "N"));
        var graph = new OnnxGraph("g");
        var x = graph.Input("outside", DataType.Float, "K");
        Assert.That(graph.Include("p", part, ("x", x))["x"], Is.EqualTo(x));
    }
}
