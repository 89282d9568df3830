using Cclm.Export;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Operators one by one at odd sizes: what is expected here, what is inferred, and what ONNX Runtime makes are one.</summary>
[Parallelizable]
public sealed class OperatorShapeTests
{
    const long Batch = 3, Length = 7;       // B and T

    static Edge X(OnnxGraph graph, params ReadOnlySpan<string> dims) => graph.Input($"x{graph.ToModel().Graph.Input.Count}", DataType.Float, dims);

    static Edge Ids(OnnxGraph graph, params ReadOnlySpan<string> dims) => graph.Input($"x{graph.ToModel().Graph.Input.Count}", DataType.Int64, dims);

    /// <summary>What is built, and the type that is expected of it.</summary>
    static readonly (string Expected, Func<OnnxGraph, Edge> Build)[] Rows =
    [
        ("float[B,T,5]", g => g.Op("Gelu", [X(g, "B", "T", "5")])),
        ("bool[B,T]", g => g.Op("Cast", [Ids(g, "B", "T")], ("to", DataType.Bool))),
        ("float[B,T,5]", g => g.Op("Add", [X(g, "B", "T", "5"), X(g, "5")])),
        ("float[B,T,5]", g => g.Op("Add", [X(g, "B", "T", "1"), X(g, "1", "5")])),
        ("float[B,T,T]", g => g.Op("Sub", [X(g, "T", "1"), X(g, "B", "1", "T")])),
        ("float[3,B,5]", g => g.Op("Max", [X(g, "5"), X(g, "B", "1"), X(g, "3", "1", "1")])),
        ("float[?,5]", g => g.Op("Mul", [X(g, "B", "5"), X(g, "three", "5")])),
        ("bool[B,T]", g => g.Op("Equal", [Ids(g, "B", "T"), g.Scalar(0)])),
        ("float[B,T,5]", g => g.Op("Where", [g.Op("Cast", [X(g, "B", "T", "1")], ("to", DataType.Bool)), X(g, "5"), g.Scalar(0f)])),
        ("float[B,1,5]", g => g.Op("ReduceMax", [X(g, "B", "T", "5"), g.Constant(1)])),
        ("float[T]", g => g.Op("ReduceSum", [X(g, "B", "T", "5"), g.Constant(-1, 0)], ("keepdims", 0))),
        ("float[]", g => g.Op("ReduceL2", [X(g, "B", "T")], ("keepdims", 0))),
        ("float[B,T]", g => g.Op("ReduceMin", [X(g, "B", "T")], ("noop_with_empty_axes", 1))),
        ("int64[B,5]", g => g.Op("ArgMax", [X(g, "B", "T", "5")], ("axis", 1), ("keepdims", 0))),
        ("int64[B,T,1]", g => g.Op("ArgMax", [X(g, "B", "T", "5")], ("axis", -1))),
        ("float[B,5,1]", g => g.Op("GlobalMaxPool", [X(g, "B", "5", "T")])),
        ("int64[B,2]", g => g.Ops("TopK", 2, [X(g, "B", "5"), g.Constant(2)])[1]),
        ("float[5,B,T]", g => g.Op("Transpose", [X(g, "B", "T", "5")], ("perm", (long[])[2, 0, 1]))),
        ("float[5,T,B]", g => g.Op("Transpose", [X(g, "B", "T", "5")])),
        ("float[B,T]", g => g.Op("Squeeze", [X(g, "1", "B", "1", "T"), g.Constant(0, -2)])),
        ("float[2]", g => g.Op("Squeeze", [X(g, "1", "2", "1")])),
        ("float[B,1,1,T]", g => g.Op("Unsqueeze", [X(g, "B", "T"), g.Constant(1, -2)])),
        ("float[B,12,T]", g => g.Op("Concat", [X(g, "B", "5", "T"), X(g, "B", "7", "T")], ("axis", -2))),
        ("float[?,5]", g => g.Op("Concat", [X(g, "B", "5"), X(g, "T", "5")], ("axis", 0))),
        ("float[B,1]", g => g.Ops("Split", 3, [X(g, "B", "5")], ("axis", 1), ("num_outputs", 3L))[2]),
        ("float[B,4]", g => g.Ops("Split", 2, [X(g, "B", "5"), g.Constant(1, 4)], ("axis", -1))[1]),
        ("float[B,?]", g => g.Ops("Split", 2, [X(g, "B", "T")], ("axis", 1), ("num_outputs", 2L))[0]),
        ("float[B,8,T]", g => g.Op("Pad", [X(g, "B", "5", "T"), g.Constant(0, 1, 0, 0, 2, 0)])),
        ("float[B,?]", g => g.Op("Pad", [X(g, "B", "T"), g.Constant(2, 0), default, g.Constant(-1)])),
        ("float[?,10]", g => g.Op("Tile", [X(g, "B", "5"), g.Constant(3, 2)])),
        ("float[B,T,5]", g => Sliced(g, g.Op("Pad", [X(g, "B", "T", "5"), g.Constant(0, 3, 0, 0, 0, 0)]), 0, -3, 1)),
        ("float[B,2]", g => Sliced(g, X(g, "B", "5"), -2, long.MaxValue, 1)),
        ("float[B,3]", g => Sliced(g, X(g, "B", "5"), 4, -100, -2)),
        ("float[B,1]", g => Sliced(g, X(g, "B", "5"), -100, -100, -1)),
        ("float[B,0]", g => Sliced(g, X(g, "B", "5"), 3, 2, 1)),
        ("float[B,2]", g => Sliced(g, X(g, "B", "5"), 1, 4, 2)),
        ("float[B,T]", g => Sliced(g, X(g, "B", "T"), 0, long.MaxValue, 1)),
        ("float[B,?]", g => Sliced(g, X(g, "B", "T"), 0, -1, 1)),
        ("float[B,?]", g => Sliced(g, X(g, "B", "T"), 1, int.MaxValue, 1)),
        ("float[B,T,5]", g => g.Op("Reshape", [X(g, "B", "T", "5"), g.Constant(0, 0, -1)])),
        ("float[B,T,35]", g => g.Op("Reshape", [X(g, "B", "T", "5", "7"), g.Constant(0, 0, -1)])),
        ("float[?,5]", g => g.Op("Reshape", [X(g, "B", "T", "5"), g.Constant(-1, 5)])),
        ("float[T,5,2]", g => g.Op("Reshape", [X(g, "T", "10"), g.Constant(-1, 5, 2)])),
        ("float[6,5]", g => g.Op("Reshape", [X(g, "2", "3", "5"), g.Constant(-1, 5)])),
        ("float[0,T]", g => g.Op("Reshape", [X(g, "T", "0"), g.Op("Concat", [g.Constant(0), Size(g, 0)], ("axis", 0))], ("allowzero", 1))),
        ("float[?,5]", g => g.Op("Flatten", [X(g, "B", "T", "5")], ("axis", -1))),
        ("float[1,B]", g => g.Op("Flatten", [X(g, "B")], ("axis", 0))),
        ("float[B,T,5]", g => g.Op("Gather", [X(g, "9", "5"), Ids(g, "B", "T")])),
        ("float[B,T]", g => g.Op("Gather", [X(g, "B", "5", "T"), g.Scalar(-1)], ("axis", 1))),
        ("float[B,5]", g => g.Op("GatherND", [X(g, "B", "T", "5"), Ids(g, "B", "1")], ("batch_dims", 1))),
        ("float[2,5]", g => g.Op("GatherND", [X(g, "B", "T", "5"), Ids(g, "2", "2")])),
        ("float[B,4,5]", g => g.Op("Expand", [X(g, "B", "1", "5"), g.Constant(4, 1)])),
        ("float[T,5]", g => g.Op("Expand", [X(g, "T", "1"), g.Op("Concat", [Size(g, 0), g.Constant(5)], ("axis", 0))])),
        ("int64[T]", g => g.Op("Range", [g.Scalar(0), g.Op("Squeeze", [SecondDim(g, X(g, "B", "T"))]), g.Scalar(1)])),
        ("int64[4]", g => g.Op("Range", [g.Scalar(9), g.Scalar(-1), g.Scalar(-3)])),
        ("int64[2]", g => g.Op("Shape", [X(g, "B", "T", "5")], ("start", -2))),
        ("float[B,T]", g => g.Op("ConstantOfShape", [g.Op("Shape", [X(g, "B", "T", "5")], ("end", -1))])),
        ("float[B,10]", g => g.Op("ConstantOfShape", [g.Op("Mul", [g.Op("Shape", [X(g, "B", "5")]), g.Constant(1, 2)])])),
        ("float[B,T,4]", g => g.Op("MatMul", [X(g, "B", "T", "5"), X(g, "5", "4")])),
        ("float[B,2,T,T]", g => g.Op("MatMul", [X(g, "B", "2", "T", "5"), X(g, "2", "5", "T")])),
        ("float[B]", g => g.Op("MatMul", [X(g, "B", "5"), X(g, "5")])),
        ("float[T]", g => g.Op("MatMul", [X(g, "5"), X(g, "5", "T")])),
        ("float[]", g => g.Op("MatMul", [X(g, "5"), X(g, "5")])),
        ("int32[B,4]", g => g.Op("MatMulInteger", [Bytes(g, "B", "5"), Bytes(g, "5", "4")])),
        ("float[5,T]", g => g.Op("Gemm", [X(g, "B", "5"), X(g, "T", "B"), X(g, "T")], ("transA", 1), ("transB", 1))),
        ("float[B,4,T]", g => g.Op("Conv", [X(g, "B", "6", "T"), X(g, "4", "3", "3")], ("pads", (long[])[2, 2]), ("dilations", (long[])[2]), ("group", 2))),
        ("float[B,4,3]", g => g.Op("Conv", [X(g, "B", "6", "8"), X(g, "4", "6", "3")], ("pads", (long[])[0, 1]), ("strides", (long[])[3]))),
        ("float[B,4,?]", g => g.Op("Conv", [X(g, "B", "6", "T"), X(g, "4", "6", "3")])),
        ("float[B,4,5,3]", g => g.Op("Conv", [X(g, "B", "6", "9", "5"), X(g, "4", "6", "3", "2")], ("auto_pad", "SAME_UPPER"), ("strides", (long[])[2, 2]))),
        ("float[B,2,T]", g => g.Op("MaxPool", [X(g, "B", "2", "T")], ("kernel_shape", (long[])[3]), ("pads", (long[])[1, 1]))),
        ("float[B,2,3]", g => g.Op("AveragePool", [X(g, "B", "2", "7")], ("kernel_shape", (long[])[2]), ("strides", (long[])[2]))),
        ("uint8[B,5]", g => g.Op("QuantizeLinear", [X(g, "B", "5"), X(g, "B")], ("axis", 0))),
        ("float[B,5]", g => g.Op("DequantizeLinear", [Bytes(g, "B", "5"), X(g, "5")])),
        ("float[]", g => g.Ops("DynamicQuantizeLinear", 3, [X(g, "B", "5")])[1]),
        ("float[B,T,5]", g => g.Op("LayerNormalization", [X(g, "B", "T", "5"), X(g, "5")])),
        ("float[B,T,5]", g => g.Op("Softmax", [X(g, "B", "T", "5")], ("axis", 1))),
    ];

    static Edge Sliced(OnnxGraph g, Edge x, long start, long end, long step) => g.Op("Slice", [x, g.Constant(start), g.Constant(end), g.Constant(1), g.Constant(step)]);

    static Edge SecondDim(OnnxGraph g, Edge x) => g.Op("Shape", [x], ("start", 1), ("end", 2));

    /// <summary>A dimension of the first input, as it would be computed elsewhere.</summary>
    static Edge Size(OnnxGraph g, long axis) => g.Op("Slice", [g.Op("Shape", [new("x0")]), g.Constant(axis), g.Constant(axis + 1)]);

    static Edge Bytes(OnnxGraph g, params ReadOnlySpan<string> dims) => g.Op("Cast", [X(g, dims)], ("to", DataType.Uint8));

    static IEnumerable<TestCaseData> Cases() => Rows.Select((row, i) => new TestCaseData(row.Expected, row.Build).SetArgDisplayNames($"{i}", row.Expected));

    [TestCaseSource(nameof(Cases))]
    public void AnOperatorMakesWhatWasInferred(string expected, Func<OnnxGraph, Edge> build)
    {
        var (model, edge) = Built(build);
        Assert.That(Describe(ShapeInference.Infer(model).Graph.ValueInfo.Single(info => info.Name == edge)), Is.EqualTo(expected));
        var unknowns = ShapeLaw.AssertFits(model, [.. model.Graph.Input.Select(Value)]);
        Assert.That(unknowns.Rank, Is.Empty);
    }

    /// <summary>What no runtime can run is refused by name.</summary>
    static readonly (string Words, Func<OnnxGraph, Edge> Build)[] Wrong =
    [
        ("dimensions 5 and 4 found", g => g.Op("MatMul", [X(g, "B", "5"), X(g, "4", "5")])),
        ("dimensions 5 and 4 found", g => g.Op("Add", [X(g, "B", "5"), X(g, "4")])),
        ("axis 3 found, expected -3 to 2", g => g.Op("ReduceMax", [X(g, "B", "T", "5"), g.Constant(3)])),
        ("a multiple of 4", g => g.Op("Reshape", [X(g, "3", "5"), g.Constant(-1, 4)])),
        ("15 elements found, expected 16", g => g.Op("Reshape", [X(g, "3", "5"), g.Constant(4, 4)])),
        ("ranks 1 and 2 found", g => g.Op("Concat", [X(g, "B"), X(g, "B", "5")], ("axis", 0))),
        ("perm 0,0 found", g => g.Op("Transpose", [X(g, "B", "5")], ("perm", (long[])[0, 0]))),
        ("dimensions 6 and 5 found", g => g.Op("Conv", [X(g, "B", "6", "T"), X(g, "4", "5", "3")])),
        ("2 paddings found, expected 4", g => g.Op("Pad", [X(g, "B", "T"), g.Constant(1, 1)])),
        ("dimensions 5 and 1 found", g => g.Op("Squeeze", [X(g, "B", "5"), g.Constant(1)])),
    ];

    static IEnumerable<TestCaseData> WrongCases() => Wrong.Select(row => new TestCaseData(row.Words, row.Build).SetArgDisplayNames(row.Words));

    [TestCaseSource(nameof(WrongCases))]
    public void ANodeThatCanNotRunIsRefused(string words, Func<OnnxGraph, Edge> build) => Assert.That(() => ShapeInference.Infer(Built(build).Model),
        Throws.InstanceOf<OnnxModelException>().With.Message.Contains(words).And.Message.Contains("Node '").And.Message.Contains("'x0' float["));

    /// <summary>Sizes that 64 bits do not hold, ranks that nothing can have, and numbers below 0 are not known.</summary>
    [Test]
    public void WhatIsTooLargeIsNotKnown()
    {
        var huge = $"{long.MaxValue}";
        Assert.That(TypeOf(g => g.Op("Concat", [X(g, huge), X(g, "5")], ("axis", 0))), Is.EqualTo("float[?]"));
        Assert.That(TypeOf(g => g.Op("Flatten", [X(g, huge, huge)], ("axis", 2))), Is.EqualTo("float[?,1]"));
        Assert.That(TypeOf(g => g.Op("Range", [g.Scalar(long.MinValue), g.Scalar(long.MaxValue), g.Scalar(1)])), Is.EqualTo("int64[?]"));
        Assert.That(TypeOf(g => g.Op("ConstantOfShape", [g.Constant(-5)])), Is.EqualTo("float[?]"));
        Assert.That(TypeOf(g => g.Op("Unsqueeze", [X(g, "B"), g.Constant([.. Enumerable.Range(1, 5000).Select(i => (long)i)])])), Is.EqualTo("float of any shape"));
    }

    static string TypeOf(Func<OnnxGraph, Edge> build) => Built(build) is var (model, edge) ? Describe(ShapeInference.Infer(model).Graph.ValueInfo.Single(info => info.Name == edge)) : "";

    static (ModelProto Model, string Edge) Built(Func<OnnxGraph, Edge> build)
    {
        var graph = new OnnxGraph("g");
        var edge = build(graph);
        var model = graph.ToModel();
        model.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { edge.Name }, Output = { "y" } });
        model.Graph.Output.Add(new ValueInfoProto { Name = "y" });
        return (model, edge.Name);
    }

    static (string, OrtValue) Value(ValueInfoProto input)
    {
        long[] shape = [.. input.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimValue ? dim.DimValue : dim.DimParam == "T" ? Length : Batch)];
        var count = shape.Aggregate(1L, (product, dim) => product * dim);
        return input.Type.TensorType.ElemType == (int)DataType.Int64 ? OnnxRun.Tensor(input.Name, new long[count], shape) : OnnxRun.Tensor(input.Name, OnnxRun.Random(1, count), shape);
    }

    /// <summary>A type as it stands in the tables: <c>float[B,?,5]</c>.</summary>
    public static string Describe(ValueInfoProto info) => info.Type.TensorType is var tensor && tensor.Shape is null ? $"{(DataType)tensor.ElemType} of any shape".ToLowerInvariant()
        : $"{((DataType)tensor.ElemType).ToString().ToLowerInvariant()}[{string.Join(',', tensor.Shape.Dim.Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.HasDimParam ? dim.DimParam : "?"))}]";
}
