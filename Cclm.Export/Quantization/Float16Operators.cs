using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Which operators compute in half precision, and whose results fit in it.</summary>
/// <remarks>
/// Half precision has 11 bits and ends at 65,504. All operators that are not listed stay in float32: softmax, normalisations, sums and other reductions,
/// exponentials and logarithms, ranges, resizing, recurrent layers, and every operator and function that the standard does not define.
/// </remarks>
static class Float16Operators
{
    static readonly FrozenSet<string> InHalf = FrozenSet.Create(
        "MatMul", "Gemm", "Conv", "ConvTranspose",
        "Add", "Sub", "Mul", "Div", "Neg", "Abs", "Min", "Max", "Clip", "Where",
        "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Gelu", "Erf", "HardSigmoid", "HardSwish", "Sigmoid", "Tanh",
        "Concat", "Split", "Slice", "Pad", "Gather", "GatherElements", "GatherND", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze",
        "Expand", "Tile", "Trilu", "Identity", "Dropout", "MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin", "DepthToSpace", "SpaceToDepth");

    // Results that are of moderate size whatever is read: products by weights, and what is between 0 and 1 or normalised.
    static readonly FrozenSet<string> Moderate = FrozenSet.Create(
        "MatMul", "Gemm", "Conv", "ConvTranspose", "Softmax", "LogSoftmax", "Sigmoid", "HardSigmoid", "Tanh", "Erf",
        "LayerNormalization", "RMSNormalization", "GroupNormalization", "InstanceNormalization", "BatchNormalization", "LpNormalization");

    static readonly FrozenSet<string> Large = FrozenSet.Create("Exp", "Pow", "CumSum", "Range", "ReduceSum", "ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceProd", "ReduceLogSumExp");

    /// <summary>Whether a node's operator is computed in half precision.</summary>
    public static bool IsHalf(NodeProto node) => node.Domain is "" or "ai.onnx" && InHalf.Contains(node.OpType);

    /// <summary>Whether results are of moderate size, whatever was read.</summary>
    public static bool IsModerate(NodeProto node) => Moderate.Contains(node.OpType);

    /// <summary>Whether results may be beyond half precision though what was read is not.</summary>
    public static bool IsLarge(NodeProto node, DataType read) => Large.Contains(node.OpType) || (node.OpType == "Cast" && read != DataType.Bool);

    /// <summary>Whether half precision has no number near one of these: too large, or of a constant too small to be told from zero.</summary>
    public static bool IsBeyond(TensorProto tensor, bool isWeight)
    {
        foreach (var value in MemoryMarshal.Cast<byte, float>(TensorData.Bytes(tensor).Span))
        {
            if (!Half.IsFinite((Half)value) || (!isWeight && value != 0 && (Half)value == Half.Zero))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The numbers, each rounded to the nearest half.</summary>
    public static TensorProto Round(TensorProto tensor, string name)
    {
        var halves = Array.ConvertAll(MemoryMarshal.Cast<byte, float>(TensorData.Bytes(tensor).Span).ToArray(), value => (Half)value);
        return OnnxValues.Tensor(name, DataType.Float16, MemoryMarshal.AsBytes<Half>(halves), tensor.Dims.ToArray());
    }
}
