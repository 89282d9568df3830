using Cclm.Export;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// The operations that layers are written in, each with its two meanings side by side. B batch, T characters, C channels,
/// H heads, D head width.
/// </summary>
public static class SequenceOps
{
    const long HashFactor = 1_000_003, HashModulus = 2_147_483_647;     // primes whose product stays below 2^63
    internal const float Excluded = -1e9f;       // added to a score: its softmax is exactly 0, and finite where all is padding

    extension(Value x)
    {
        /// <summary>max(x, 0)</summary>
        public Value relu() => x.Op(
            tensor => tensor.relu(),
            (graph, edge) => graph.Op("Relu", [edge]));

        /// <summary>x where it is positive, slope * x elsewhere.</summary>
        public Value leaky_relu(float slope) => x.Op(
            tensor => tensor.leaky_relu(Scalars.Kept(slope)),
            (graph, edge) => graph.Op("LeakyRelu", [edge], ("alpha", slope)));

        /// <summary>Gaussian error linear unit, exact form (Hendrycks and Gimpel 2016).</summary>
        public Value gelu() => x.Op(
            functional.gelu,
            (graph, edge) => graph.Op("Gelu", [edge]));

        /// <summary>tanh(x)</summary>
        public Value tanh() => x.Op(
            tensor => tensor.tanh(),
            (graph, edge) => graph.Op("Tanh", [edge]));

        /// <summary>Concatenates on the last dimension: [..,C1], [..,C2], .. -> [..,C1+C2+..].</summary>
        public Value cat(params IEnumerable<Value> others) => Value.Op(
            [x, .. others],
            tensors => torch.cat(tensors, -1),
            (graph, edges) => graph.Op("Concat", edges, ("axis", -1L)));

        /// <summary>Character ids [B,T] with the mask that follows from them: id 0 is padding.</summary>
        public Value with_mask() => x switch
        {
            Value.Torch ids => ids with { Mask = PaddingMask(ids.Tensor) },
            Value.Onnx ids => ids with { Mask = ids.Graph.Op("Not", [ids.Graph.Op("Equal", [ids.Edge, ids.Graph.Scalar(0L)])]) },
            _ => x,
        };

        /// <summary>Zero at every position that is padding: [B,T,C] -> [B,T,C].</summary>
        public Value zero_padding() => x.MaskedOp(
            (tensor, mask) => mask is null ? tensor : tensor * mask.unsqueeze(-1).to(tensor.dtype),
            (graph, edge, mask) => graph.Op("Mul", [edge, graph.Op("Unsqueeze", [graph.FloatMask(mask), graph.Constant(-1)])]));

        /// <summary>The largest value of each channel up to each position: [B,T,C] -> [B,T,C]. Nothing is seen of what comes after.</summary>
        /// <param name="longest">The most positions there can be.</param>
        public Value running_max(int longest) => x.Op(
            tensor => tensor.cummax(1).values,
            (graph, edge) =>
            {
                // ONNX has no running maximum: that of the last 2, 4, 8, .. positions is the larger of two of half as many.
                for (var reach = 1L; reach < longest; reach *= 2)
                {
                    var padded = graph.Op("Pad", [edge, graph.Constant(0, reach, 0, 0, 0, 0), graph.Scalar(float.MinValue)]);
                    var earlier = graph.Op("Slice", [padded, graph.Constant(0), graph.Constant(-reach), graph.Constant(1)]);    // moved by reach: [B,T,C]
                    edge = graph.Op("Max", [edge, earlier]);
                }
                return edge;
            });

        /// <summary>One position repeated as often as <paramref name="like"/> has positions: [B,1,C] -> [B,T,C].</summary>
        public Value repeat_over_time(Value like) => like.Op(x,
            (other, tensor) => tensor.expand(-1, other.shape[1], -1),
            (graph, other, edge) => graph.Op("Expand", [edge, graph.Op("Concat", [graph.Constant(1), graph.Dim(other, 1), graph.Constant(1)], ("axis", 0L))]));

        /// <summary>Every position repeated, up to the length of another value: [B,T',C] -> [B,T,C].</summary>
        /// <param name="factor">How often.</param>
        /// <param name="like">A value [B,T,..] of at most factor * T' positions, whose padding is the result's.</param>
        public Value upsample(long factor, Value like) => like.Op(x,
            (other, tensor) => tensor.repeat_interleave(factor, 1).narrow(1, 0, other.shape[1]),
            (graph, other, edge) =>
            {
                var repeated = graph.Op("Expand", [graph.Op("Unsqueeze", [edge, graph.Constant(2)]), graph.Constant(1, 1, factor, 1)]);     // [B,T',factor,C]
                var joined = graph.Op("Reshape", [repeated, graph.Op("Concat", [graph.Constant(0, -1), graph.Dim(edge, 2)], ("axis", 0L))]);
                return graph.Op("Slice", [joined, graph.Constant(0), graph.Dim(other, 1), graph.Constant(1)]);
            });

        /// <summary>The value with the mask of a longer one, of which each position is a window: one is padding where its whole window is.</summary>
        /// <param name="longer">The value of S times as many positions.</param>
        /// <param name="stride">S, the length of a window.</param>
        internal Value with_mask_of_windows(Value longer, long stride) => (x, longer) switch
        {
            (Value.Torch y, Value.Torch { Mask: { } mask }) => y with { Mask = functional.pad(mask, [0, y.Tensor.shape[1] * stride - mask.shape[1]]).view(mask.shape[0], -1, stride).any(-1) },
            (Value.Onnx y, Value.Onnx { Mask: var mask }) => y with { Mask = AnyOfWindow(y.Graph, mask, stride) },
            _ => x,
        };

        /// <summary>The positions of [B,T,..]: [T], 0 to T-1.</summary>
        public Value positions() => x.Op(
            tensor => arange(Scalars.Kept(0), Scalars.Kept(tensor.shape[1]), Scalars.One, device: tensor.device),
            Positions);

        /// <summary>The n-gram of ids that ends at each position, by a polynomial hash: [B,T] -> [B,T], from 0 to buckets - 1. It reaches back to an id of 0, and no further: what is before that, or before the text, counts as 0.</summary>
        /// <remarks>Hashed n-grams of characters as in CANINE (Clark et al. 2022) and BLT (Pagnoni et al. 2024, section 3.2.1).</remarks>
        /// <param name="n">How many ids.</param>
        /// <param name="buckets">How many values the hash has.</param>
        public Value ngrams(int n, long buckets) => x.Op(
            ids =>
            {
                var (hash, before) = (ids, (Tensor?)null);
                for (var back = 1; back < n; back++)
                {
                    var earlier = functional.pad(ids, [back, 0]).narrow(1, 0, ids.shape[1]);
                    before = before is null ? earlier : earlier.mul(before.sign());
                    hash = hash.mul(Scalars.Kept(HashFactor)).Plus(before).remainder(Scalars.Kept(HashModulus));
                }
                return hash.remainder(Scalars.Kept(buckets));
            },
            (graph, ids) =>
            {
                var (hash, before) = (ids, (Edge?)null);
                for (var back = 1; back < n; back++)
                {
                    var earlier = graph.Op("Slice", [graph.Op("Pad", [ids, graph.Constant(0, back, 0, 0)]), graph.Constant(0), graph.Constant(-back), graph.Constant(1)]);
                    before = before is null ? earlier : graph.Op("Mul", [earlier, graph.Op("Sign", [before.Value])]);
                    hash = graph.Op("Mod", [graph.Op("Add", [graph.Op("Mul", [hash, graph.Scalar(HashFactor)]), before.Value]), graph.Scalar(HashModulus)]);
                }
                return graph.Op("Mod", [hash, graph.Scalar(buckets)]);
            });

        /// <summary>
        /// Scaled dot-product attention (Vaswani et al. 2017, section 3.2), from query, key and value side by side:
        /// [B,T,3*H*D] -> [B,T,H*D].
        /// </summary>
        /// <param name="heads">H</param>
        /// <param name="headWidth">D</param>
        /// <param name="causal">Whether a position attends to itself and what is before it only; else to all that is not padding.</param>
        public Value attention(int heads, int headWidth, bool causal = false) => x.MaskedOp(
            (tensor, mask) =>
            {
                var (batch, length) = (tensor.shape[0], tensor.shape[1]);
                var parts = tensor.view(batch, length, 3, heads, headWidth).permute(2, 0, 3, 1, 4);                 // [3,B,H,T,D]
                // Padding comes after the text, where no character of it looks in causal attention.
                var excluded = mask is null || causal ? null : WherePadding(mask, tensor.dtype).view(batch, 1, 1, length);
                return functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], excluded!, is_casual: causal).transpose(1, 2).flatten(2);
            },
            (graph, edge, mask) =>
            {
                Edge Heads(Edge part, params long[] perm) =>
                    graph.Op("Transpose", [graph.Op("Reshape", [part, graph.Constant(0, 0, heads, headWidth)])], ("perm", perm));
                var (query, key, value) = graph.Thirds(edge);                                                       // [B,T,H*D] each
                var scaled = graph.Op("Mul", [query, graph.Scalar(1 / MathF.Sqrt(headWidth))]);
                var scores = graph.Op("MatMul", [Heads(scaled, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1)]);               // [B,H,T,T]
                var allowed = causal ? Before(graph, edge) : graph.Op("Unsqueeze", [graph.FloatMask(mask), graph.Constant(1, 2)]);  // [T,T] or [B,1,1,T]
                var excluded = graph.Op("Mul", [graph.Op("Sub", [graph.Scalar(1f), allowed]), graph.Scalar(Excluded)]);
                var weights = graph.Op("Softmax", [graph.Op("Add", [scores, excluded])], ("axis", -1L));
                var mixed = graph.Op("Transpose", [graph.Op("MatMul", [weights, Heads(value, 0, 2, 1, 3)])], ("perm", (long[])[0, 2, 1, 3]));
                return graph.Op("Reshape", [mixed, graph.Constant(0, 0, heads * headWidth)]);                       // [B,T,H*D]
            });
    }

    /// <summary>Whether any position of each window is true: [B,T] -> [B,ceil(T/S)].</summary>
    static Edge AnyOfWindow(Exporter graph, Edge mask, long stride)
    {
        var windows = graph.Op("MaxPool", [graph.Op("Unsqueeze", [graph.FloatMask(mask), graph.Constant(1)])],
            ("kernel_shape", (long[])[stride]), ("strides", (long[])[stride]), ("pads", (long[])[0, stride - 1]));              // [B,1,T']
        return graph.Op("Cast", [graph.Op("Squeeze", [windows, graph.Constant(1)])], ("to", TensorProto.Types.DataType.Bool));
    }

    /// <summary>The positions of [B,T,..]: [T].</summary>
    static Edge Positions(Exporter graph, Edge edge) => graph.Op("Range", [graph.Scalar(0L), graph.Op("Squeeze", [graph.Dim(edge, 1)]), graph.Scalar(1L)]);

    /// <summary>1 where a position may see another one, itself and those before it: [T,T] float.</summary>
    static Edge Before(Exporter graph, Edge edge)
    {
        var positions = Positions(graph, edge);
        var seen = graph.Op("GreaterOrEqual", [graph.Op("Unsqueeze", [positions, graph.Constant(1)]), graph.Op("Unsqueeze", [positions, graph.Constant(0)])]);
        return graph.Op("Cast", [seen], ("to", TensorProto.Types.DataType.Float));
    }

    /// <summary>What is added to a score [B,T]: 0, and <see cref="Excluded"/> at padding.</summary>
    internal static Tensor WherePadding(Tensor mask, ScalarType type) => mask.logical_not().to(type).mul(Scalars.Kept(Excluded));

    /// <summary>On the CPU it costs nothing to see that a batch has no padding, which spares every masked op its work.</summary>
    static Tensor? PaddingMask(Tensor ids)
    {
        var mask = ids.ne(Scalars.Kept(0));
        return ids.device_type == DeviceType.CPU && mask.all().item<bool>() ? null : mask;
    }
}
