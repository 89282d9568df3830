using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Pieces of graph that often go behind a model. Each is the standard's operators and nothing else.</summary>
public static class GraphStages
{
    /// <summary>Divides by the Euclidean length along an axis; zeros stay zeros (LpNormalization, operator set 1 and up).</summary>
    /// <param name="graph">The graph that receives the nodes.</param>
    /// <param name="x">Float or double, of any shape; so is what is made.</param>
    /// <param name="axis">Negative ones count from the last.</param>
    public static Edge L2Normalise(this OnnxGraph graph, Edge x, long axis = -1) => graph.Op("LpNormalization", [x], ("axis", axis), ("p", 2L));

    /// <summary>A linear projection of the last axis: x W + b.</summary>
    /// <param name="graph">The graph that receives the nodes.</param>
    /// <param name="x">[..., inputs] float.</param>
    /// <param name="name">Names the weights: <c>{name}.weight</c> and <c>{name}.bias</c>.</param>
    /// <param name="weight">[inputs, outputs], by rows.</param>
    /// <param name="inputs">The last dimension of x.</param>
    /// <param name="bias">[outputs], or nothing for none.</param>
    /// <returns>[..., outputs] float.</returns>
    /// <exception cref="ArgumentException">The weight does not fill whole rows, the bias has another length, or a name is taken.</exception>
    public static Edge Linear(this OnnxGraph graph, Edge x, string name, ReadOnlySpan<float> weight, int inputs, ReadOnlySpan<float> bias = default)
    {
        var outputs = inputs > 0 ? weight.Length / inputs : 0;
        if (outputs == 0 || outputs * inputs != weight.Length || (bias.Length > 0 && bias.Length != outputs))
        {
            throw new ArgumentException($"The projection '{name}' of {inputs} inputs has {weight.Length} weights and a bias of {bias.Length}; " +
                "expected inputs times outputs, and a bias of the outputs or none.", nameof(weight));
        }
        var product = graph.Op("MatMul", [x, graph.Initializer($"{name}.weight", weight, inputs, outputs)]);
        return bias.Length == 0 ? product : graph.Op("Add", [product, graph.Initializer($"{name}.bias", bias, outputs)]);
    }

    /// <summary>Probabilities along an axis.</summary>
    public static Edge Softmax(this OnnxGraph graph, Edge x, long axis = -1) => graph.Op("Softmax", [x], ("axis", axis));

    /// <summary>From one index to another (not included) along an axis; negative ones count from the end.</summary>
    public static Edge Slice(this OnnxGraph graph, Edge x, long start, long end, long axis = -1) =>
        graph.Op("Slice", [x, graph.Constant(start), graph.Constant(end), graph.Constant(axis)]);

    /// <summary>One after the other along an axis.</summary>
    public static Edge Concat(this OnnxGraph graph, ReadOnlySpan<Edge> xs, long axis = -1) => graph.Op("Concat", xs, ("axis", axis));

    /// <summary>As another element type.</summary>
    public static Edge Cast(this OnnxGraph graph, Edge x, DataType type) => graph.Op("Cast", [x], ("to", type));
}
