using System.Runtime.InteropServices;
using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <content>Single nodes of each operator whose form changed.</content>
public sealed partial class VersionConversionTests
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
