using Cclm.Export;
using Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>The ONNX graph that a layer writes itself to. Weights are named by their keys in the layer's state_dict.</summary>
public sealed class Exporter
{
    readonly Module root;
    readonly OnnxGraph graph;
    readonly Dictionary<Module, string> keys = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<string, Edge> floatMasks = [];

    /// <param name="root">The layer that is exported.</param>
    /// <param name="graph">What it is written to.</param>
    public Exporter(Module root, OnnxGraph graph)
    {
        (this.root, this.graph) = (root, graph);
        foreach (var (name, module) in root.named_modules())
        {
            keys.TryAdd(module, name);
        }
    }

    /// <summary>Adds a node of the standard's operator.</summary>
    public Edge Op(string type, ReadOnlySpan<Edge> inputs, params ReadOnlySpan<(string, object)> attributes) => graph.Op(type, inputs, attributes);

    /// <summary>A vector of integers.</summary>
    public Edge Constant(params ReadOnlySpan<long> values) => graph.Constant(values);

    /// <summary>One integer.</summary>
    public Edge Scalar(long value) => graph.Scalar(value);

    /// <summary>One number.</summary>
    public Edge Scalar(float value) => graph.Scalar(value);

    /// <summary>One dimension of an edge, as a vector of one integer.</summary>
    public Edge Dim(Edge x, long axis) => graph.Op("Shape", [x], ("start", axis), ("end", axis + 1));

    /// <summary>The last dimension cut in three equal parts.</summary>
    public (Edge First, Edge Second, Edge Third) Thirds(Edge x) =>
        graph.Ops("Split", 3, [x], ("axis", -1L), ("num_outputs", 3L)) is [var first, var second, var third] ? (first, second, third) : throw new InvalidOperationException();

    /// <summary>A mask [B,T] (bool) as 1 and 0 (float); one node however many ask.</summary>
    public Edge FloatMask(Edge mask)
    {
        if (!floatMasks.TryGetValue(mask.Name, out var numbers))
        {
            floatMasks.Add(mask.Name, numbers = graph.Op("Cast", [mask], ("to", TensorProto.Types.DataType.Float)));
        }
        return numbers;
    }

    /// <summary>A weight of a layer, float32 or int64, as an initializer.</summary>
    /// <param name="layer">The layer, registered under the exported root.</param>
    /// <param name="name">The weight's name in the layer.</param>
    /// <param name="value">The weight.</param>
    /// <exception cref="InvalidOperationException">The layer is not registered, so that files would lack its weights.</exception>
    public Edge Weight(Module layer, string name, Tensor value)
    {
        if (!keys.TryGetValue(layer, out var key))
        {
            throw new InvalidOperationException(
                $"{root.GetType().Name} uses a {layer.GetType().Name} that is not registered in it: it would not be trained, saved or exported. " +
                "Keep it in a readonly field (several in a ModuleList) and call RegisterComponents() last in the constructor.");
        }
        using var scope = NewDisposeScope();
        var copy = value.detach().cpu().contiguous();
        GC.KeepAlive(value);        // TorchSharp makes an Embedding's weight anew each time, and a collection would free it while libtorch reads it
        name = key.Length == 0 ? name : $"{key}.{name}";
        return copy.dtype == ScalarType.Int64 ? graph.Initializer(name, copy.data<long>().ToArray(), copy.shape) : graph.Initializer(name, copy.data<float>().ToArray(), copy.shape);
    }
}
