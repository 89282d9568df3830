using Cclm.Export;
using Onnx;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The operations that make one position of a text's many, padding left out, each with its two meanings side by side.</summary>
public static class PoolingOps
{
    extension(Value x)
    {
        /// <summary>The largest value of each channel over the positions that are not padding: [B,T,C] -> [B,1,C]; 0 where all are.</summary>
        public Value max_over_time() => OfWholeText(x.MaskedOp(
            (tensor, mask) => mask is null
                ? tensor.amax([1], keepdim: true)
                : tensor.Plus(SequenceOps.WherePadding(mask, tensor.dtype).unsqueeze(-1)).amax([1], keepdim: true)
                    * mask.any(1, keepdim: true).unsqueeze(-1).to(tensor.dtype),
            (graph, edge, mask) =>
            {
                var real = Real(graph, mask);
                var max = graph.Op("ReduceMax", [WithoutPadding(graph, edge, real), graph.Constant(1)], ("keepdims", 1L));
                return graph.Op("Mul", [max, graph.Op("ReduceMax", [real, graph.Constant(1)], ("keepdims", 1L))]);
            }));

        /// <summary>The sum of each channel over the positions that are not padding: [B,T,C] -> [B,1,C].</summary>
        public Value sum_over_time() => OfWholeText(x.zero_padding().Op(
            tensor => tensor.sum(1, keepdim: true),
            (graph, edge) => graph.Op("ReduceSum", [edge, graph.Constant(1)], ("keepdims", 1L))));

        /// <summary>The mean of each channel over the positions that are not padding: [B,T,C] -> [B,1,C]; 0 where all are.</summary>
        public Value mean_over_time() => x.sum_over_time() * OfWholeText(x.MaskedOp(
            (tensor, mask) => (mask is null ? tensor.new_full([1, 1, 1], Scalars.Kept(tensor.shape[1])) : mask.sum(1, keepdim: true).unsqueeze(-1).clamp_min(Scalars.One).to(tensor.dtype)).reciprocal(),
            (graph, _, mask) => graph.Op("Reciprocal", [graph.Op("Max", [graph.Op("ReduceSum", [Real(graph, mask), graph.Constant(1)], ("keepdims", 1L)), graph.Scalar(1f)])])));

        /// <summary>Each channel at the last position that is not padding, that of CLS where there is one: [B,T,C] -> [B,1,C]; 0 where all are.</summary>
        public Value last_over_time() => OfWholeText(x.MaskedOp(
            (tensor, mask) =>
            {
                if (mask is null)
                {
                    return tensor.narrow(1, tensor.shape[1] - 1, 1);
                }
                var last = (mask.to(ScalarType.Int64) * arange(Scalars.Kept(0), Scalars.Kept(tensor.shape[1]), Scalars.One, device: tensor.device)).argmax(1);    // [B]
                return tensor.gather(1, last.view(-1, 1, 1).expand(-1, 1, tensor.shape[2])) * mask.any(1, keepdim: true).unsqueeze(-1).to(tensor.dtype);
            },
            (graph, edge, mask) =>
            {
                var last = graph.Op("ArgMax", [graph.FloatMask(mask)], ("axis", 1L), ("keepdims", 1L), ("select_last_index", 1L));                              // [B,1]
                var found = graph.Op("Unsqueeze", [graph.Op("GatherND", [edge, last], ("batch_dims", 1L)), graph.Constant(1)]);
                return graph.Op("Mul", [found, graph.Op("ReduceMax", [Real(graph, mask), graph.Constant(1)], ("keepdims", 1L))]);
            }));

        /// <summary>Scores to weights that are 0 at padding and else sum to 1 over the text: [B,T,C] -> [B,T,C].</summary>
        public Value softmax_over_time() => x.MaskedOp(
            (tensor, mask) => (mask is null ? tensor : tensor.Plus(SequenceOps.WherePadding(mask, tensor.dtype).unsqueeze(-1))).softmax(1),
            (graph, edge, mask) => graph.Op("Softmax", [WithoutPadding(graph, edge, Real(graph, mask))], ("axis", 1L)));

        /// <summary>Without the one position that pooling left: [B,1,C] -> [B,C].</summary>
        public Value squeeze_time() => x.Op(
            tensor => tensor.squeeze(1),
            (graph, edge) => graph.Op("Squeeze", [edge, graph.Constant(1)]));
    }

    /// <summary>A value [B,1,C] of whole texts: its mask is whether a text has any character, [B,1].</summary>
    static Value OfWholeText(Value x) => x switch
    {
        Value.Torch pooled => pooled with { Mask = pooled.Mask?.any(1, keepdim: true) },
        Value.Onnx pooled => pooled with
        {
            Mask = pooled.Graph.Op("Cast", [pooled.Graph.Op("ReduceMax", [pooled.Graph.FloatMask(pooled.Mask), pooled.Graph.Constant(1)], ("keepdims", 1L))], ("to", TensorProto.Types.DataType.Bool)),
        },
        _ => x,
    };

    /// <summary>1 at every position that is not padding: [B,T,1].</summary>
    static Edge Real(Exporter graph, Edge mask) => graph.Op("Unsqueeze", [graph.FloatMask(mask), graph.Constant(-1)]);

    /// <summary>Values that are far below all others at padding: [B,T,C].</summary>
    static Edge WithoutPadding(Exporter graph, Edge edge, Edge real) =>
        graph.Op("Add", [edge, graph.Op("Mul", [graph.Op("Sub", [graph.Scalar(1f), real]), graph.Scalar(SequenceOps.Excluded)])]);
}
