namespace Cclm.Export;

/// <summary>What becomes of a node where a version changed its operator.</summary>
/// <remarks>
/// Each takes the node as the version before has it and leaves it as the version itself has it; what later versions change is the business of later
/// rewrites. Source: the standard's changelogs of both versions; where they leave something open, what ONNX Runtime computes.
/// </remarks>
static partial class OperatorRewrites
{
    const string Standard = "", Learning = "ai.onnx.ml";

    /// <summary>By domain, operator and the version that changed it. A change in the history without an entry here can not be made.</summary>
    public static IReadOnlyDictionary<(string Domain, string OpType, long Version), Action<NodeRewrite>> All { get; } = Make();

    static Dictionary<(string, string, long), Action<NodeRewrite>> Make()
    {
        var all = new Dictionary<(string, string, long), Action<NodeRewrite>>();
        void Add(long version, Action<NodeRewrite> rewrite, params ReadOnlySpan<string> operators)
        {
            foreach (var name in operators)
            {
                all.Add((Standard, name, version), rewrite);
            }
        }
        Add(2, PadsRenamed, "Pad");
        Add(2, SplitAxis, "Split");
        Add(2, IntegerNorm, "LpPool", "GlobalLpPool");
        Add(4, node => node.SetDefault("axis", 1), "Concat");
        Add(5, ShapeToInput, "Reshape");
        Add(6, CastToNumber, "Cast");
        Add(6, SeluDefaults, "Selu");
        Add(6, ClipUnbounded, "Clip");
        Add(6, WithoutConsumedInputs, "Abs", "Add", "BatchNormalization", "Ceil", "Div", "Dropout", "Elu", "Exp", "Floor", "HardSigmoid", "InstanceNormalization",
            "LeakyRelu", "Log", "Max", "Mean", "Min", "Mul", "Neg", "PRelu", "Reciprocal", "Relu", "Sigmoid", "Sqrt", "Sub", "Sum", "Tanh");
        Add(7, Broadcast, "Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor");
        Add(7, SlopePerChannel, "PRelu");
        Add(7, node => node.Take("broadcast"), "Gemm");
        Add(7, InferenceOnly, "BatchNormalization", "Dropout");
        Add(7, node => node.Take("output_sequence"), "GRU", "LSTM", "RNN");
        Add(7, ScalesOfUpsample, "Upsample");
        Add(9, PerChannelOnly, "BatchNormalization");
        Add(9, ScalesToInput, "Upsample");
        Add(10, node => node.Node.OpType = "Resize", "Upsample");
        Add(10, OneOutput, "Dropout");
        Add(10, SliceToInputs, "Slice");
        Add(10, node => node.SetInput(1, node.Constant(node.TakeInt("k", 0))), "TopK");
        Add(11, BoundsToInputs, "Clip");
        Add(11, PadsToInputs, "Pad");
        Add(11, CoordinatesOfResize, "Resize");
        Add(11, node => node.Node.OpType = "ScatterElements", "Scatter");
        Add(12, node => node.Take("ratio"), "Dropout");        // an input from here on, which nothing reads in inference
        Add(13, FlattenAround, "Softmax", "LogSoftmax", "Hardmax");
        Add(13, node => AxesToInput(node, "axes"), "Squeeze", "Unsqueeze", "ReduceSum");
        Add(13, node => AxesToInput(node, "split"), "Split");
        Add(14, OneOutput, "BatchNormalization");
        Add(16, node => node.SetDefault("coordinate_transformation_mode", "output_half_pixel"), "RoiAlign");
        Add(18, NumberOfParts, "Split");
        Add(18, node => AxesToInput(node, "axes"), "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare");
        Add(20, node => node.SetInput(2, node.Scalar(node.TakeInt("axis", 1))), "DFT");
        Add(20, InterpolationRenamed, "GridSample");
        Add(21, ScalePerChannel, "GroupNormalization");
        Add(24, FiniteFloat8, "Cast");
        Add(24, FiniteFloat8Like, "CastLike");
        all.Add((Learning, "LabelEncoder", 2), ClassesToPairs);
        all.Add((Learning, "LabelEncoder", 4), DistinctKeys);
        return all;
    }
}
