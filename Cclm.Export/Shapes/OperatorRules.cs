using System.Collections.Frozen;
using Onnx;

namespace Cclm.Export;

/// <summary>The operators whose shapes are known: all that are written here, and what other models are mostly made of.</summary>
/// <remarks>
/// Source: the standard's operator specifications (docs/Operators.md of github.com/onnx/onnx, for opset 20 to 26), and ONNX Runtime's for
/// <c>com.microsoft</c>. Where an older operator set has axes as attributes, the rule reads these; before <see cref="OperatorRule.Since"/> it does not hold.
/// </remarks>
static class OperatorRules
{
    static readonly FrozenDictionary<string, OperatorRule> All = new (string Operators, OperatorRule Rule)[]
    {
        ("Abs Cast CastLike Ceil Clip Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not PRelu Reciprocal Relu Round Selu " +
            "Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tanh ThresholdedRelu", new(ElementwiseShapes.Same)),
        ("BatchNormalization CumSum DequantizeLinear Dropout GroupNormalization InstanceNormalization LayerNormalization LogSoftmax LpNormalization QuantizeLinear " +
            "RMSNormalization ScatterElements ScatterND Softmax Trilu", new(ElementwiseShapes.Same)),
        ("ai.onnx.ml.LabelEncoder", new(ElementwiseShapes.Same) { Since = 2 }),
        ("Add And Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow Sub Sum Where Xor", new(ElementwiseShapes.Broadcast) { Since = 8 }),
        ("DynamicQuantizeLinear", new(ElementwiseShapes.Quantized)),

        ("ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare", new(ReductionShapes.Reduce)),
        ("ArgMax ArgMin", new(ReductionShapes.Arg)),
        ("GlobalAveragePool GlobalMaxPool", new(ReductionShapes.Global)),
        ("TopK", new(ReductionShapes.Top) { Since = 10 }),

        ("Transpose", new(LayoutShapes.Transpose)),
        ("Squeeze", new(LayoutShapes.Squeeze)),
        ("Unsqueeze", new(LayoutShapes.Unsqueeze)),
        ("Reshape", new(ReshapeShapes.Reshape) { Since = 5 }),
        ("Flatten", new(ReshapeShapes.Flatten)),
        ("Concat", new(LayoutShapes.Concat) { Since = 4 }),
        ("Split", new(LayoutShapes.Split) { Since = 2 }),
        ("Pad", new(LayoutShapes.Pad) { Since = 11 }),
        ("Tile", new(LayoutShapes.Tile) { Since = 6 }),
        ("Slice", new(SliceShapes.Slice) { Since = 10 }),

        ("Constant", new(MadeShapes.Constant)),
        ("ConstantOfShape", new(node => node.ShapeIn(0))),
        ("Expand", new(MadeShapes.Expand) { Since = 8 }),
        ("Range", new(MadeShapes.Range)),
        ("Shape", new(MadeShapes.Shape)),
        ("Size", new(_ => (Dim[])[])),

        ("Gather", new(LookupShapes.Gather)),
        ("GatherElements", new(node => node.Shape(1))),
        ("GatherND", new(LookupShapes.GatherND)),
        ("com.microsoft.Tokenizer", new(LookupShapes.Tokenize)),

        ("MatMul MatMulInteger", new(ProductShapes.MatMul) { Terms = ProductShapes.Inner }),
        ("Gemm", new(ProductShapes.Gemm) { Terms = ProductShapes.GemmInner }),
        ("Conv ConvInteger", new(WindowShapes.Conv) { Terms = WindowShapes.ConvTerms }),
        ("AveragePool MaxPool", new(WindowShapes.Pool)),
    }.SelectMany(row => row.Operators.Split(' '), (row, name) => (name, row.Rule)).ToFrozenDictionary(row => row.name, row => row.Rule);

    /// <summary>The rule for a node; null where there is none that holds.</summary>
    /// <param name="node">The node.</param>
    /// <param name="opset">The version of its operator set that the model imports.</param>
    public static OperatorRule? For(NodeProto node, long opset)
    {
        var domain = OperatorSets.Canonical(node.Domain);
        var rule = All.GetValueOrDefault(domain.Length == 0 ? node.OpType : $"{domain}.{node.OpType}");
        return rule?.Since <= opset ? rule : null;
    }
}
