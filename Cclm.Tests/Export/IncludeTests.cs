using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class IncludeTests
{
    /// <summary>x [N,3] -> y = x + shift.</summary>
    static ModelProto Shift(float by, DataType type = DataType.Float, params string[] dims)
    {
        var graph = new OnnxGraph("shift");
        var x = graph.Input("x", type, dims.Length == 0 ? ["N", "3"] : dims);
        graph.Output("y", graph.Op("Add", [x, graph.Initializer("by", [by], 1)]), type, dims.Length == 0 ? ["N", "3"] : dims);
        return graph.ToModel();
    }

    [Test]
    public void OneEdgeFeedsManyPartsAndPartsFeedParts()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        var a = graph.Include("a", Shift(1), ("x", x))["y"];
        var b = graph.Include("b", Shift(10), ("x", x))["y"];
        var c = graph.Include("c.d", Shift(100), ("x", b))["y"];
        graph.Output("y", graph.Op("Concat", [a, b, c], ("axis", -1)), "B", "9");
        var model = graph.ToModel();
        Assert.That(OnnxRun.Run<float>(model, "y", OnnxRun.Tensor("x", [0f, 1, 2], 1, 3)).Data, Is.EqualTo((float[])[1, 2, 3, 10, 11, 12, 110, 111, 112]));
        Assert.That(model.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo((string[])["a.by", "b.by", "c.d.by"]));
        OfficialChecker.Check(model);
    }

    [Test]
    public void APartIsNotChanged()
    {
        var part = Shift(1);
        var before = part.Clone();
        var graph = new OnnxGraph("g");
        graph.Include("a", part, ("x", graph.Input("x", DataType.Float, "B", "3")));
        Assert.That(part, Is.EqualTo(before));
    }

    static readonly TestCaseData[] Misfits =
    [
        new TestCaseData(DataType.Int64, (string[])["B", "3"], "int64[B,3]: the element types differ").SetArgDisplayNames("type"),
        new TestCaseData(DataType.Float, (string[])["B", "T", "3"], "float[B,T,3]: the rank is 3, not 2").SetArgDisplayNames("rank"),
        new TestCaseData(DataType.Float, (string[])["B", "4"], "float[B,4]: dimension 3 meets 4").SetArgDisplayNames("dimension"),
    ];

    [TestCaseSource(nameof(Misfits))]
    public void AJoinThatDoesNotFitNamesPartEdgeExpectedAndFound(DataType type, string[] dims, string mismatch)
    {
        var graph = new OnnxGraph("g");
        var edge = graph.Input("edge", type, dims);
        Assert.That(() => graph.Include("towers.a", Shift(1), ("x", edge)), Throws.TypeOf<OnnxModelException>()
            .With.Message.EqualTo($"Part 'towers.a' reads 'x' as float[N,3], but edge 'edge' is {mismatch}. Feed it another edge, or export the part for this one."));
    }

    [Test]
    public void ASymbolCanNotBeTwoNumbers()
    {
        var part = new OnnxGraph("part");
        part.Output("z", part.Op("Add", [part.Input("x", DataType.Float, "N"), part.Input("y", DataType.Float, "N")]), "N");
        var graph = new OnnxGraph("g");
        var (x, y) = (graph.Input("x", DataType.Float, "2"), graph.Input("y", DataType.Float, "3"));
        Assert.That(() => graph.Include("p", part.ToModel(), ("x", x), ("y", y)), Throws.TypeOf<OnnxModelException>().With.Message.Contains("'N' is 2 elsewhere and 3 here"));
    }

    [Test]
    public void SymbolicDimensionsBecomeThoseOfTheEdgeAndOthersThePartsOwn()
    {
        var part = new OnnxGraph("part");
        var x = part.Input("x", DataType.Float, "N", "M", "3");
        part.Output("y", part.Op("Identity", [x]), "N", "M", "3");
        part.Output("z", part.Op("NonZero", [x]), DataType.Int64, "3", "found");
        var model = part.ToModel();
        model.Graph.ValueInfo.Add(model.Graph.Output);

        var graph = new OnnxGraph("g");
        graph.Include("p", model, ("x", graph.Input("x", DataType.Float, "B", "7", "3")));
        Assert.That(graph.ToModel().Graph.ValueInfo.Select(value => $"{value.Name}:{string.Join(',', value.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimParam ? dim.DimParam : $"{dim.DimValue}"))}"),
            Is.EqualTo((string[])["p.y:B,7,3", "p.z:3,p.found"]));
    }

    [Test]
    public void WiringErrorsNameThePartAndWhatItHas()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        Assert.That(() => graph.Include("a", Shift(1), ("z", x)), Throws.ArgumentException.With.Message.Contains("Part 'a' has no input 'z'; it has 'x'"));
        Assert.That(() => graph.Include("a", Shift(1), ("x", x), ("x", x)), Throws.ArgumentException.With.Message.Contains("Feed it once"));
        Assert.That(() => graph.Include("a", Shift(1)), Throws.TypeOf<OnnxModelException>().With.Message.Contains("Nothing feeds input 'x' (float[N,3]) of part 'a'"));
        graph.Include("a", Shift(1), ("x", x));
        Assert.That(() => graph.Include("a", Shift(1), ("x", x)), Throws.ArgumentException.With.Message.Contains("'a.by'"));
    }

    [Test]
    public void TheNewestOperatorSetAndIrWin()
    {
        var (newer, older) = (Shift(1), Shift(2));
        (newer.IrVersion, newer.OpsetImport[0].Version, older.OpsetImport[0].Domain) = (11, 21, "ai.onnx");
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        graph.Include("newer", newer, ("x", x));
        graph.Include("older", older, ("x", x));
        var model = graph.ToModel();
        Assert.That((model.IrVersion, model.OpsetImport.Single().Version), Is.EqualTo((11, 21)));
    }

    [Test]
    public void AnOlderPartStaysAsItIsUntilANodeIsAdded()
    {
        var old = Shift(1);
        old.OpsetImport[0].Version = 13;
        var graph = new OnnxGraph("g");
        var y = graph.Include("old", old, ("x", graph.Input("x", DataType.Float, "B", "3")))["y"];
        Assert.That(graph.ToModel().OpsetImport.Single().Version, Is.EqualTo(13));
        graph.Op("ReduceMax", [y, graph.Constant(1)]);
        Assert.That(graph.ToModel().OpsetImport.Single().Version, Is.EqualTo(20));
    }

    [Test]
    public void WhatCanNotBeRaisedLeavesTheGraphAsItWas()
    {
        var (old, newer) = (Shift(1), Shift(2));
        old.Graph.Node.Add(new NodeProto { OpType = "Upsample", Name = "up", Input = { "x" }, Attribute = { new AttributeProto { Name = "scales", RefAttrName = "s" } } });
        old.OpsetImport[0].Version = 8;
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        graph.Include("old", old, ("x", x));
        var before = graph.ToModel();
        Assert.That(() => graph.Include("newer", newer, ("x", x)), Throws.TypeOf<OnnxModelException>().With.Message.Contains("'old.up' (Upsample)").And.Message.Contains("ai.onnx 8 to 20"));
        Assert.That(graph.ToModel(), Is.EqualTo(before));
    }

    [Test]
    public void AnOutputThatNothingReadsYetIsNotRaisedAway()
    {
        var part = new OnnxGraph("part");
        var outputs = part.Ops("Dropout", 2, [part.Input("x", DataType.Float, "B", "3")]);
        part.Output("y", outputs[0], "B", "3");
        part.Output("mask", outputs[1], DataType.Bool, "B", "3");
        var old = part.ToModel();
        old.OpsetImport[0].Version = 7;
        (old.Graph.Node[0].Output[0], old.Graph.Node[0].Output[1]) = ("y", "mask");     // no Identity between them
        old.Graph.Node.RemoveAt(2);
        old.Graph.Node.RemoveAt(1);
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        graph.Include("old", old, ("x", x));
        Assert.That(() => graph.Include("newer", Shift(1), ("x", x)), Throws.TypeOf<OnnxModelException>().With.Message.Contains("(Dropout)").And.Message.Contains("outputs of training"));
    }

    [Test]
    public void AValueThatIsNoTensorIsAnOutputToo()
    {
        var part = new OnnxGraph("part");
        var x = part.Input("x", DataType.Float, "B");
        var sequence = new TypeProto { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = (int)DataType.Float } } } };
        part.Output("y", part.Op("SequenceConstruct", [x]), sequence);
        var model = part.ToModel();
        model.OpsetImport[0].Version = 13;      // whose Identity takes tensors alone
        var graph = new OnnxGraph("g");
        graph.Output("z", graph.Include("part", model, ("x", graph.Input("x", DataType.Float, "B")))["y"], sequence);
        RecordedValue[] inputs = [new("x", model.Graph.Input[0].Type, new TensorProto { DataType = (int)DataType.Float, Dims = { 1 }, FloatData = { 2 } }.ToByteArray())];
        Assert.That(ModelResult.Of(graph.ToModel(), inputs).Text, Is.EqualTo("[Float[1] 00000040]"));
    }

    [Test]
    public void AnUnsoundPartIsRefusedByName()
    {
        var part = Shift(1);
        part.Graph.SparseInitializer.Add(new SparseTensorProto());
        var graph = new OnnxGraph("g");
        Assert.That(() => graph.Include("a", part, ("x", graph.Input("x", DataType.Float, "B", "3"))), Throws.TypeOf<OnnxModelException>().With.Message.EqualTo("part 'a': an initializer has no name."));
        Assert.That(() => graph.Include("b", new ModelProto()), Throws.TypeOf<OnnxModelException>().With.Message.EqualTo("part 'b': there is no graph in it."));
    }

    [Test]
    public void FunctionsOfPartsAreKeptOnceAndOthersOfTheirNameGetAnother()
    {
        var function = new FunctionProto { Domain = "own", Name = "F", Input = { "x" }, Output = { "y" }, Node = { new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "y" } } } };
        var (a, b, other) = (Shift(1), Shift(2), Shift(3));
        a.Functions.Add(function);
        b.Functions.Add(function.Clone());
        function = function.Clone();
        function.Node[0].OpType = "Abs";
        other.Functions.Add(function);
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "3");
        graph.Include("a", a, ("x", x));
        graph.Include("b", b, ("x", x));
        Assert.That(graph.ToModel().Functions, Has.Count.EqualTo(1));
        graph.Include("other.part", other, ("x", x));
        Assert.That(graph.ToModel().Functions.Select(kept => kept.Name), Is.EqualTo(new[] { "F", "F_other_part" }));
    }
}
