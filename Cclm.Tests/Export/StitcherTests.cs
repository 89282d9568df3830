using Cclm.Export;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Any number of models stitched to one by names: what the parts compute, the whole computes.</summary>
[Parallelizable]
public sealed class StitcherTests
{
    /// <summary>x [N,3] -> y = x * scale + shift, in two nodes whose weights have the names of every other part's.</summary>
    static ModelProto Affine(float scale, float shift, string dims = "N,3", string doc = "")
    {
        var graph = new OnnxGraph("affine");
        var x = graph.Input("x", DataType.Float, dims.Split(','));
        var scaled = graph.Op("Mul", [x, graph.Initializer("scale", [scale, scale, scale], 3)]);
        graph.Output("y", graph.Op("Add", [scaled, graph.Initializer("shift", [shift, shift, shift], 3)]), dims.Split(','));
        var model = graph.ToModel();
        model.DocString = doc;
        return model;
    }

    /// <summary>a, b -> sum, product.</summary>
    static ModelProto Two(string dims = "B,3")
    {
        var graph = new OnnxGraph("two");
        var (a, b) = (graph.Input("a", DataType.Float, dims.Split(',')), graph.Input("b", DataType.Float, dims.Split(',')));
        graph.Output("sum", graph.Op("Add", [a, b]), dims.Split(','));
        graph.Output("product", graph.Op("Mul", [a, b]), dims.Split(','));
        return graph.ToModel();
    }

    static readonly float[] X = [0, 1, 2, -3, 0.5f, 7];

    static float[] Run(ModelProto model, string output, params string[] inputs)
    {
        ModelCheck.Ensure(model);
        OfficialChecker.Check(model);
        return [.. OnnxRun.Run<float>(model, output, [.. inputs.Select(input => OnnxRun.Tensor(input, X, 2, 3))]).Data];
    }

    [Test]
    public void OneInputFeedsAllPartsThatHaveItAndWiresMayBeGivenInAnyOrder()
    {
        var whole = Stitcher.Stitch(
            [("last", Two()), ("left", Affine(2, 1)), ("right", Affine(-1, 5))],
            [new("right", "y", "last", "b"), new("left", "y", "last", "a")]);
        Assert.That(whole.Graph.Input.Select(input => input.Name), Is.EqualTo(new[] { "x" }));
        Assert.That(whole.Graph.Output.Select(output => output.Name), Is.EqualTo(new[] { "sum", "product" }));
        Assert.That(Run(whole, "sum", "x"), Is.EqualTo(X.Select(x => (2 * x + 1) + (-x + 5))));
        Assert.That(Run(whole, "product", "x"), Is.EqualTo(X.Select(x => (2 * x + 1) * (-x + 5))));
    }

    [Test]
    public void AnOutputFeedsManyAndIsAnOutputWhereItIsAskedFor()
    {
        (string, ModelProto)[] parts = [("a", Affine(2, 0)), ("b", Affine(3, 0)), ("c", Affine(5, 0))];
        Wire[] wires = [new("a", "y", "b", "x"), new("a", "y", "c", "x")];
        var whole = Stitcher.Stitch(parts, wires);
        Assert.That(whole.Graph.Output.Select(output => output.Name), Is.EqualTo(new[] { "b.y", "c.y" }));
        Assert.That(Run(whole, "c.y", "x"), Is.EqualTo(X.Select(x => x * 10)));
        var asked = Stitcher.Stitch(parts, wires, new() { Outputs = [("c", "y"), ("a", "y")] });
        Assert.That(asked.Graph.Output.Select(output => output.Name), Is.EqualTo(new[] { "c.y", "a.y" }));
        Assert.That(Run(asked, "a.y", "x"), Is.EqualTo(X.Select(x => x * 2)));
        var one = Stitcher.Stitch(parts, wires, new() { Outputs = [("c", "y")] });
        Assert.That(one.Graph.Output.Single().Name, Is.EqualTo("y"));
    }

    [Test]
    public void InputsThatAreNotSharedAreEachPartsOwn()
    {
        var whole = Stitcher.Stitch([("p", Affine(2, 0)), ("q", Affine(3, 0)), ("two", Two())], [new("p", "y", "two", "a"), new("q", "y", "two", "b")], new() { ShareInputs = false });
        Assert.That(whole.Graph.Input.Select(input => input.Name), Is.EqualTo(new[] { "p.x", "q.x" }));
        Assert.That(Run(whole, "sum", "p.x", "q.x"), Is.EqualTo(X.Select(x => 5 * x)));
    }

    /// <summary>The dimensions of the shared input, of the first part's output and of the second's.</summary>
    [TestCase("N,3", "N,3", "N,3;N,3;N,3")]
    [TestCase("N,3", "M,3", "N,3;N,3;N,3")]
    [TestCase("N,C", "M,3", "N,3;N,3;N,3")]
    [TestCase("N,3", "2,3", "2,3;2,3;2,3")]
    [TestCase("N,C", "M,K", "N,C;N,C;N,C")]
    public void SymbolicDimensionsAreUnifiedAndNotLost(string first, string second, string expected)
    {
        var whole = Stitcher.Stitch([("p", Affine(2, 0, first)), ("q", Affine(3, 0, second))], []);
        Assert.That(string.Join(';', whole.Graph.Input.Concat(whole.Graph.Output).Select(Dims)), Is.EqualTo(expected));
        Assert.That(Run(whole, "q.y", "x"), Is.EqualTo(X.Select(x => 3 * x)));
    }

    [Test]
    public void ASymbolOfUnrelatedInputsIsNotOneNumber()
    {
        var whole = Stitcher.Stitch([("p", Affine(2, 0)), ("q", Affine(3, 0))], [], new() { ShareInputs = false });
        Assert.That(whole.Graph.Input.Select(Dims), Is.EqualTo(new[] { "N,3", "q.N,3" }));
        Assert.That(whole.Graph.Output.Select(Dims), Is.EqualTo(new[] { "N,3", "q.N,3" }));
    }

    [TestCase(true, 1)]
    [TestCase(false, 2)]
    public void EqualWeightsAreStoredOnceAndWhatIsComputedFromThemIsRunOnce(bool share, int times)
    {
        var whole = Stitcher.Stitch([("a", Long(2)), ("b", Long(2)), ("c", Long(-1))], [], new() { ShareEqualWeights = share });
        Assert.That(whole.Graph.Initializer.Count(tensor => tensor.Name.EndsWith(".own", StringComparison.Ordinal)), Is.EqualTo(times + 1), "one part has other weights");
        Assert.That(Run(whole, "a.y", "x"), Is.EqualTo(Run(whole, "b.y", "x")));
        Assert.That(Run(whole, "c.y", "x"), Is.EqualTo(Run(Long(-1), "y", "x")));
        Assert.That(Optimized(whole).Graph.Node.Count(node => node.OpType == "Tan"), Is.EqualTo(times + 1));

        // The first product has a weight of the part's own, too large for ONNX Runtime to compare; the reshape a constant that all parts have.
        static ModelProto Long(float own)
        {
            var graph = new OnnxGraph("long");
            var x = graph.Input("x", DataType.Float, "N", "3");
            var inner = graph.Op("Tan", [graph.Op("MatMul", [x, graph.Initializer("own", [.. Enumerable.Range(0, 96).Select(i => own + (i / 100f))], 3, 32)])]);
            var outer = graph.Op("MatMul", [inner, graph.Initializer("back", [.. Enumerable.Range(0, 96).Select(i => i / 50f)], 32, 3)]);
            graph.Output("y", graph.Op("Reshape", [outer, graph.Constant(-1, 3)]), "N", "3");
            return graph.ToModel();
        }
    }

    [Test]
    public void EqualWeightsAreSharedIntoNestedGraphsAndFunctionsKeepTheirOwn()
    {
        var models = new[] { Branching(1), Branching(1), Branching(4) };
        var whole = Stitcher.Stitch([.. models.Select((model, i) => ($"p{i}", model))], []);
        Assert.That(whole.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo(new[] { "p0.own", "p2.own" }));
        foreach (var (i, model) in models.Index())
        {
            Assert.That(Run(whole, $"p{i}.y", "x"), Is.EqualTo(Run(model, "y", "x")));
        }

        // y = if true then x + own else x: the branch reads both from outside.
        static ModelProto Branching(float own)
        {
            var graph = new OnnxGraph("branching");
            var x = graph.Input("x", DataType.Float, "N", "3");
            var weight = graph.Initializer("own", [own, own, own], 3);
            graph.Output("y", graph.Op("If", [graph.Scalar(true)], ("then_branch", Branch("Add", x.Name, weight.Name)), ("else_branch", Branch("Identity", x.Name))), "N", "3");
            return graph.ToModel();
        }

        static GraphProto Branch(string op, params string[] inputs) => new()
        {
            Name = op,
            Node = { new NodeProto { OpType = op, Input = { inputs }, Output = { "said" } } },
            Output = { Value("said") },
        };
    }

    /// <summary>A model that calls a function of a domain: y = x op x.</summary>
    static ModelProto Calling(string domain, string op)
    {
        var model = new ModelProto
        {
            IrVersion = 10,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 20 }, new OperatorSetIdProto { Domain = domain, Version = 1 } },
            Graph = new()
            {
                Name = "calling",
                Node = { new NodeProto { OpType = "Twice", Domain = domain, Input = { "x" }, Output = { "y" } } },
                Input = { Value("x") },
                Output = { Value("y") },
            },
        };
        var inner = new FunctionProto { Name = "Inner", Domain = domain, Input = { "v" }, Output = { "w" }, OpsetImport = { model.OpsetImport }, Node = { new NodeProto { OpType = op, Input = { "v", "v" }, Output = { "w" } } } };
        var outer = new FunctionProto { Name = "Twice", Domain = domain, Input = { "v" }, Output = { "w" }, OpsetImport = { model.OpsetImport }, Node = { new NodeProto { OpType = "Inner", Domain = domain, Input = { "v" }, Output = { "w" } } } };
        model.Functions.AddRange([inner, outer]);
        return model;
    }

    [TestCase("one", "one", "Add", "Add", 2)]
    [TestCase("one", "two", "Add", "Mul", 4)]
    [TestCase("one", "two", "Add", "Add", 4)]
    [TestCase("one", "one", "Add", "Mul", 4)]
    public void FunctionsOfOneNameAreToldApart(string domain, string otherDomain, string op, string otherOp, int functions)
    {
        var whole = Stitcher.Stitch([("a", Calling(domain, op)), ("b.c", Calling(otherDomain, otherOp))], []);
        Assert.That(whole.Functions, Has.Count.EqualTo(functions));
        float Of(string op, float x) => op == "Add" ? x + x : x * x;
        Assert.That(Run(whole, "a.y", "x"), Is.EqualTo(X.Select(x => Of(op, x))));
        Assert.That(Run(whole, "b.c.y", "x"), Is.EqualTo(X.Select(x => Of(otherOp, x))));
    }

    [Test]
    public void PartsOfOtherOperatorSetsAreRaised()
    {
        var old = Affine(2, 0);
        old.OpsetImport.Single().Version = 11;
        var whole = Stitcher.Stitch([("old", old), ("new", Affine(3, 0))], [new("old", "y", "new", "x")]);
        Assert.That(whole.OpsetImport.Single().Version, Is.EqualTo(20));
        Assert.That(Run(whole, "y", "x"), Is.EqualTo(X.Select(x => 6 * x)));
    }

    [Test]
    public void WhatPartsSayOfThemselvesIsKept()
    {
        var part = Affine(1, 0, doc: "what a says");
        ModelProperties.Write(part, [KeyValuePair.Create("key", "value")]);
        part.Graph.Node[0].DocString = "a node's";
        part.Graph.Node[0].MetadataProps.Add(new StringStringEntryProto { Key = "of", Value = "a node" });
        var whole = Stitcher.Stitch([("a", part), ("b", Affine(1, 0))], [new("a", "y", "b", "x")]);
        Assert.That((whole.DocString, ModelProperties.Read(whole)["a.key"]), Is.EqualTo(("a: what a says", "value")));
        Assert.That((whole.Graph.Node[0].DocString, whole.Graph.Node[0].MetadataProps.Single().Value), Is.EqualTo(("a node's", "a node")));
    }

    static readonly Dictionary<string, (Action Act, string Expected)> Mistakes = new()
    {
        ["no part"] = (() => Stitcher.Stitch([], []), "nothing to stitch"),
        ["a name twice"] = (() => Stitcher.Stitch([("a", Two()), ("a", Two())], []), "Two parts are named 'a'"),
        ["no name"] = (() => Stitcher.Stitch([("", Two())], []), "has no name"),
        ["no such part"] = (() => Stitcher.Stitch([("a", Two())], [new("b", "y", "a", "a")]), "no part 'b'; there are 'a'"),
        ["no such output"] = (() => Stitcher.Stitch([("a", Two()), ("b", Two())], [new("b", "y", "a", "a")]), "Part 'b' has no output 'y'; it has 'sum', 'product'"),
        ["no such input"] = (() => Stitcher.Stitch([("a", Two()), ("b", Two())], [new("b", "sum", "a", "x")]), "Part 'a' has no input 'x'; it has 'a', 'b'"),
        ["no such output asked for"] = (() => Stitcher.Stitch([("a", Two())], [], new() { Outputs = [("a", "y")] }), "no output 'y'"),
        ["an input fed twice"] = (() => Stitcher.Stitch([("a", Two()), ("b", Two())], [new("b", "sum", "a", "a"), new("b", "product", "a", "a")]), "fed by 'sum' of 'b' and by 'product' of 'b'"),
        ["a circle"] = (() => Stitcher.Stitch([("a", Two()), ("b", Two()), ("c", Two())], [new("a", "sum", "b", "a"), new("b", "sum", "a", "a")]), "Parts 'a', 'b' feed each other in a circle"),
        ["a part that feeds itself"] = (() => Stitcher.Stitch([("a", Two())], [new("a", "sum", "a", "a")]), "Parts 'a' feed each other in a circle"),
    };

    static IEnumerable<string> MistakesByName => Mistakes.Keys;

    [TestCaseSource(nameof(MistakesByName))]
    public void AMistakeIsSaid(string name) => Assert.That(() => Mistakes[name].Act(), Throws.ArgumentException.With.Message.Contains(Mistakes[name].Expected));

    [Test]
    public void PartsThatDoNotFitAreAnError() => Assert.That(() => Stitcher.Stitch([("a", Affine(1, 0, "N,3")), ("b", Two("B,4"))], [new("a", "y", "b", "a")]),
        Throws.TypeOf<OnnxModelException>().With.Message.Contains("dimension 4 meets 3"));

    [Test]
    public void PartsAreNotChanged()
    {
        ModelProto[] parts = [Calling("d", "Add"), Calling("d", "Mul"), Affine(1, 2)];
        var before = parts.Select(part => part.ToByteString()).ToArray();
        Stitcher.Stitch([.. parts.Select((part, i) => ($"p{i}", part))], [new("p0", "y", "p1", "x")]);
        Assert.That(parts.Select(part => part.ToByteString()), Is.EqualTo(before));
    }

    static ValueInfoProto Value(string name)
    {
        var value = Affine(1, 1).Graph.Input[0];
        value.Name = name;
        return value;
    }

    static string Dims(ValueInfoProto value) => string.Join(',', value.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.DimParam));

    /// <summary>The graph as ONNX Runtime runs it.</summary>
    static ModelProto Optimized(ModelProto model)
    {
        using var folder = new TempFolder();
        using var options = new SessionOptions { OptimizedModelFilePath = folder["optimized.onnx"], GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC };
        using var session = new InferenceSession(model.ToByteArray(), options);
        return OnnxFile.Load(folder["optimized.onnx"]);
    }
}
