using System.Runtime.InteropServices;
using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Raising a model's operator sets changes no bit of what ONNX Runtime makes of it.</summary>
[Parallelizable]
public sealed class VersionConversionTests
{
    /// <summary>One node, the version it is written for, and inputs for it: a float tensor's shape, or a tensor.</summary>
    sealed record Row(string OpType, long From, object[] Inputs, params (string Name, object Value)[] Attributes)
    {
        public int Outputs { get; init; } = 1;

        /// <summary>How many outputs are outputs of the model; null for all.</summary>
        public int? Read { get; init; }

        public long To { get; init; } = 26;

        public bool OnlyDeclared { get; init; }

        public override string ToString() => $"{OpType} {From}: {string.Join(", ", Attributes.Select(attribute => $"{attribute.Name}={(attribute.Value is Array many ? string.Join(' ', many.Cast<object>()) : attribute.Value)}"))} "
            + string.Join(" ", Inputs.Select(input => input is long[] shape ? $"[{string.Join(',', shape)}]" : "constant"));
    }

    static readonly string[] Reductions = ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"];

    static readonly Row[] Rows =
    [
        .. from name in (string[])["Softmax", "LogSoftmax", "Hardmax"]
           from axis in (long[])[0, 1, 2, -1, -2]
           select new Row(name, axis < 0 ? 11 : 1, [(long[])[2, 3, 5]], ("axis", axis)),
        new("Softmax", 12, [(long[])[3, 5]]),
        new("Softmax", 12, [(long[])[7]], ("axis", 0L)),
        new("Softmax", 12, [(long[])[2, 0, 3]], ("axis", 2L)),
        new("LogSoftmax", 12, [(long[])[2, 0, 3]]),
        .. from name in Reductions from attributes in ((string, object)[][])[[], [("axes", (long[])[1])], [("axes", (long[])[0, -1]), ("keepdims", 0L)]] select new Row(name, 11, [(long[])[2, 3, 5]], attributes),
        new("Squeeze", 1, [(long[])[2, 1, 3, 1]], ("axes", (long[])[1])),
        new("Squeeze", 11, [(long[])[2, 1, 3, 1]], ("axes", (long[])[-1, 1])),
        new("Squeeze", 11, [(long[])[2, 1, 3, 1]]),
        new("Unsqueeze", 11, [(long[])[2, 3]], ("axes", (long[])[0, -1])),
        new("Split", 2, [(long[])[2, 6]], ("axis", 1L), ("split", (long[])[1, 2, 3])) { Outputs = 3 },
        new("Split", 11, [(long[])[6, 2]]) { Outputs = 3 },
        new("Split", 13, [(long[])[6, 2]]) { Outputs = 2 },
        new("Clip", 6, [(long[])[3, 5]], ("min", -0.5f), ("max", 0.25f)),
        new("Clip", 6, [(long[])[3, 5]], ("min", 0.1f)),
        new("Clip", 6, [(long[])[3, 5]]),
        new("Pad", 2, [(long[])[3, 5]], ("pads", (long[])[1, 0, 2, 1]), ("value", 1.5f)),
        new("Pad", 2, [(long[])[3, 5]], ("pads", (long[])[1, 0, 2, 1])),
        new("Pad", 2, [(long[])[3, 5]], ("pads", (long[])[1, 0, 2, 1]), ("mode", "reflect")),
        new("Pad", 2, [Tensor(DataType.Double, [1.5, 2.5, 0.1], 1, 3)], ("pads", (long[])[1, 0, 2, 1]), ("value", 0.1f)),
        new("Slice", 1, [(long[])[3, 5]], ("starts", (long[])[1, -3]), ("ends", (long[])[1000, -1])),
        new("Slice", 1, [(long[])[3, 5]], ("starts", (long[])[1]), ("ends", (long[])[4]), ("axes", (long[])[1])),
        new("TopK", 1, [(long[])[3, 5]], ("k", 2L)) { Outputs = 2 },
        new("TopK", 10, [(long[])[3, 5], Longs(3)], ("axis", 0L)) { Outputs = 2 },
        new("Dropout", 7, [(long[])[3, 5]], ("ratio", 0.3f)),
        new("Dropout", 10, [(long[])[3, 5]]) { Outputs = 2, Read = 1 },
        new("BatchNormalization", 7, [(long[])[2, 3, 5, 7], (long[])[3], (long[])[3], (long[])[3], Floats(0.5f, 1, 2)]),
        new("BatchNormalization", 9, [(long[])[2, 3, 5], (long[])[3], (long[])[3], (long[])[3], Floats(0.5f, 1, 2)], ("epsilon", 0.01f)),
        .. from mode in (string[])["nearest", "linear"] select new Row("Upsample", 7, [(long[])[1, 2, 3, 5]], ("mode", mode), ("scales", (float[])[1, 1, 2, 1.7f])),
        .. from mode in (string[])["nearest", "linear"] select new Row("Upsample", 9, [(long[])[1, 2, 3, 5], Floats(1, 1, 2, 3)], ("mode", mode)),
        .. from mode in (string[])["nearest", "linear"] from scales in (float[][])[[1, 1, 2, 1.7f], [1, 1, 0.6f, 0.7f], [1, 1, 0.6f, 1.7f]]
           select new Row("Resize", 10, [(long[])[1, 2, 5, 7], Floats(scales)], ("mode", mode)),
        new("Scatter", 9, [(long[])[5], Longs(2, 0, 1), (long[])[3]], ("axis", 0L)),
        new("RoiAlign", 10, [(long[])[1, 2, 9, 9], Tensor<float>(DataType.Float, [0, 0, 9, 9, 3, 2, 14, 15], 2, 4), Longs(0, 0)], ("output_height", 3L), ("output_width", 2L), ("spatial_scale", 0.5f)) { To = 21 },
        new("DFT", 17, [(long[])[2, 5, 3, 1]], ("axis", 2L)),
        new("DFT", 17, [(long[])[2, 5, 1]]),
        .. from mode in (string[])["bilinear", "nearest", "bicubic"] select new Row("GridSample", 16, [(long[])[1, 2, 5, 7], (long[])[1, 3, 4, 2]], ("mode", mode)),
        new("GridSample", 16, [(long[])[1, 2, 5, 7], (long[])[1, 3, 4, 2]]),
        new("GroupNormalization", 18, [(long[])[2, 6, 5], (long[])[3], (long[])[3]], ("num_groups", 3L)) { OnlyDeclared = true },
        new("CastLike", 15, [(long[])[2, 3], Longs(1)]),
        new("Cast", 9, [(long[])[2, 3]], ("to", DataType.Int32)),
        new("ArgMax", 11, [(long[])[3, 5]], ("axis", 1L)),
        new("OneHot", 9, [Longs(0, 2, 1), Longs(3), Floats(0, 1)]),
        new("Gemm", 7, [(long[])[3, 5], (long[])[5, 2], (long[])[2]]),
        new("MaxPool", 8, [(long[])[1, 2, 7]], ("kernel_shape", (long[])[3]), ("strides", (long[])[2])),
        new("LpPool", 11, [(long[])[1, 2, 7, 5]], ("kernel_shape", (long[])[3, 2]), ("p", 3L)),
        new("LSTM", 7, [(long[])[4, 2, 3], (long[])[1, 8, 3], (long[])[1, 8, 2]], ("hidden_size", 2L)) { Outputs = 2 },
    ];

    [TestCaseSource(nameof(Rows))]
    public void ARaisedNodeComputesTheSameBits(object row)
    {
        foreach (var declared in ((Row)row).OnlyDeclared ? (bool[])[true] : [true, false])
        {
            var (model, inputs) = Model((Row)row, declared);
            var before = model.Clone();
            var raised = VersionConversion.Raise(model, "ai.onnx", ((Row)row).To);
            ModelCheck.Ensure(raised);
            Assert.That(raised.OpsetImport.Single().Version, Is.EqualTo(((Row)row).To));
            Assert.That(model, Is.EqualTo(before), "The model itself is not changed.");
            Assert.That(ModelResult.Of(raised, inputs).Text, Is.EqualTo(ModelResult.Of(model, inputs).Text));
        }
    }

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

    /// <summary>Inputs x0, x1, .. through the node to y0, y1, ..; what is not declared is read through a node that says nothing of types.</summary>
    static (ModelProto, RecordedValue[]) Model(Row row, bool declared)
    {
        var graph = new OnnxGraph("g");
        var inputs = new List<RecordedValue>();
        var edges = row.Inputs.Select((given, i) =>
        {
            if (given is TensorProto constant)
            {
                return graph.Constant(constant);
            }
            var shape = (long[])given;
            var edge = graph.Input($"x{i}", DataType.Float, [.. shape.Select(dim => $"{dim}")]);
            inputs.Add(new($"x{i}", OfFloats, Tensor(DataType.Float, OnnxRun.Random(i, shape.Aggregate(1L, (a, b) => a * b)), shape).ToByteArray()));
            return declared ? edge : graph.Op("Identity", [edge]);
        }).ToArray();
        var outputs = graph.Ops(row.OpType, row.Outputs, edges, row.Attributes);
        foreach (var (output, i) in outputs.Take(row.Read ?? row.Outputs).Select((output, i) => (output, i)))
        {
            graph.Output($"y{i}", output, new TypeProto());
        }
        var model = graph.ToModel();
        (model.IrVersion, model.OpsetImport.Single().Version) = (4, row.From);
        return (model, [.. inputs]);
    }

    static readonly TypeProto OfFloats = new() { TensorType = new() { ElemType = (int)DataType.Float } };

    static TensorProto Longs(params long[] values) => Tensor(DataType.Int64, values, values.Length);

    static TensorProto Floats(params float[] values) => Tensor(DataType.Float, values, values.Length);

    static TensorProto Tensor<T>(DataType type, T[] values, params long[] shape) where T : unmanaged =>
        new() { DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values)) };

    static TensorProto Texts(params string[] values) =>
        new() { DataType = (int)DataType.String, Dims = { values.Length }, StringData = { values.Select(ByteString.CopyFromUtf8) } };
}
