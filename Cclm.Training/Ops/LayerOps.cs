using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>TorchSharp's own layers, callable on a <see cref="Value"/>.</summary>
public static class LayerOps
{
    extension(Linear layer)
    {
        /// <summary>x W^T + b on the last dimension: [..,In] -> [..,Out].</summary>
        public Value call(Value x) => x.Op(
            tensor => MixedPrecision.Product(tensor, layer.weight!, layer.bias, Products.Linear),
            (graph, edge) =>
            {
                var weight = graph.Weight(layer, "weight", layer.weight!);                                      // [Out,In]
                var product = graph.Op("MatMul", [edge, graph.Op("Transpose", [weight], ("perm", (long[])[1, 0]))]);
                return layer.bias is { } bias ? graph.Op("Add", [product, graph.Weight(layer, "bias", bias)]) : product;
            });
    }

    extension(Conv1d layer)
    {
        /// <summary>A convolution over time that keeps the length: [B,T,In] -> [B,T,Out]. Padding counts as zero.</summary>
        /// <exception cref="NotSupportedException">The convolution changes the length, or does not pad with zeros.</exception>
        public Value call(Value x)
        {
            var (kernel, padding, dilation) = (layer.weight!.shape[2], layer.padding![0], layer.dilation![0]);
            if (layer.stride![0] != 1 || 2 * padding != dilation * (kernel - 1) || layer.padding_mode != TorchSharp.PaddingModes.Zeros)
            {
                throw new NotSupportedException(
                    $"A Conv1d with kernel size {kernel}, stride {layer.stride[0]}, padding {padding}, dilation {dilation} and padding mode {layer.padding_mode} " +
                    "does not keep the length. Use stride 1, an odd kernel size, padding dilation * (kernel size - 1) / 2 and padding mode Zeros.");
            }
            return Convolve(layer, x, padding, padding);
        }

        /// <summary>A convolution that sees each position and what is before it, and keeps the length: [B,T,In] -> [B,T,Out].</summary>
        /// <exception cref="NotSupportedException">The convolution has a stride or a padding of its own; the padding on the left is added here.</exception>
        public Value causal(Value x) => layer.stride![0] == 1 && layer.padding![0] == 0
            ? Convolve(layer, x, layer.dilation![0] * (layer.weight!.shape[2] - 1), 0)
            : throw new NotSupportedException($"A causal Conv1d with stride {layer.stride[0]} and padding {layer.padding![0]} does not keep the length. Use stride 1 and padding 0.");

        /// <summary>A convolution that makes one position of each S, its stride: [B,T,In] -> [B,ceil(T/S),Out]. One is padding where all S are.</summary>
        /// <exception cref="NotSupportedException">Its kernel is not 2S-1 wide with a padding of S-1, so that each position is the middle of what it sees.</exception>
        public Value strided(Value x)
        {
            var (stride, kernel, padding) = (layer.stride![0], layer.weight!.shape[2], layer.padding![0]);
            return kernel == 2 * stride - 1 && padding == stride - 1 && layer.dilation![0] == 1
                ? Convolve(layer, x, padding, padding).with_mask_of_windows(x, stride)
                : throw new NotSupportedException($"A strided Conv1d with kernel size {kernel}, stride {stride}, padding {padding} and dilation {layer.dilation![0]} is not in the middle of what it sees. Use kernel size 2 * stride - 1, padding stride - 1 and dilation 1.");
        }
    }

    /// <summary>A convolution over time with zeros before and after: [B,T,In] -> [B,T',Out].</summary>
    static Value Convolve(Conv1d layer, Value x, long before, long after)
    {
        var (stride, dilation, weights) = (layer.stride![0], layer.dilation![0], layer.weight!);
        return x.zero_padding().Op(
            tensor => MixedPrecision.Product(before == after ? tensor : functional.pad(tensor, [0, 0, before, after]), weights, layer.bias,
                (input, weight, bias) => Products.Convolve(input, weight, bias, stride, before == after ? before : 0, dilation, layer.groups)),
            (graph, edge) =>
            {
                var weight = graph.Weight(layer, "weight", weights);                                            // [Out,In/groups,kernel]
                Export.Edge[] inputs = [graph.Op("Transpose", [edge], ("perm", (long[])[0, 2, 1])), weight];
                var y = graph.Op("Conv", layer.bias is { } bias ? [.. inputs, graph.Weight(layer, "bias", bias)] : inputs,
                    ("pads", (long[])[before, after]), ("strides", (long[])[stride]), ("dilations", (long[])[dilation]), ("group", layer.groups));
                return graph.Op("Transpose", [y], ("perm", (long[])[0, 2, 1]));
            });
    }

    extension(LayerNorm layer)
    {
        /// <summary>Layer normalisation over the last dimension (Ba et al. 2016): [..,C] -> [..,C].</summary>
        /// <exception cref="NotSupportedException">It normalises over more than one dimension, or has no weight and bias.</exception>
        public Value call(Value x) => layer is { weight: { } weight, bias: { } bias } && weight.dim() == 1
            ? x.Op(
                layer.call,
                (graph, edge) => graph.Op("LayerNormalization",
                    [edge, graph.Weight(layer, "weight", weight), graph.Weight(layer, "bias", bias)], ("epsilon", (float)layer.eps)))
            : throw new NotSupportedException("A LayerNorm here has one dimension, a weight and a bias. Make it with LayerNorm(channels).");
    }

    extension(Embedding layer)
    {
        /// <summary>Rows of a table by their index: [..] -> [..,C].</summary>
        public Value call(Value indices) => indices.Op(
            layer.call,
            (graph, edge) => graph.Op("Gather", [graph.Weight(layer, "weight", layer.weight!), edge]));
    }

    extension(Dropout layer)
    {
        /// <summary>Dropout while training; nothing in evaluation and in ONNX.</summary>
        public Value call(Value x) => x.Op(tensor => DropoutChance.Apply(layer, tensor), (_, edge) => edge);
    }
}
