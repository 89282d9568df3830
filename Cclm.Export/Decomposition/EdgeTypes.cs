using Onnx;

namespace Cclm.Export;

/// <summary>The types of a graph's edges, where they are known.</summary>
sealed class EdgeTypes
{
    readonly Dictionary<string, ValueInfoProto> known = [];

    /// <param name="graph">What it says of its inputs, outputs and edges in between, and its weights.</param>
    /// <param name="given">What goes before that.</param>
    public EdgeTypes(GraphProto graph, IEnumerable<ValueInfoProto> given)
    {
        foreach (var info in given.Concat(graph.Input).Concat(graph.Output).Concat(graph.ValueInfo).Where(info => info.Type is not null).Concat(graph.Initializer.Select(Info)))
        {
            known.TryAdd(info.Name, info);
        }
    }

    /// <exception cref="ArgumentException">The type is not known.</exception>
    public ValueInfoProto Of(string edge) => known.TryGetValue(edge, out var info) ? info.Clone() : throw new ArgumentException(
        $"The type of edge '{edge}' is not known: the model has no value_info of it. Say it in {nameof(ExtractionOptions)}.{nameof(ExtractionOptions.Types)}, " +
        $"write it down where the graph is built ({nameof(OnnxGraph)}.{nameof(OnnxGraph.Declare)}), or run shape inference over the model first.");

    static ValueInfoProto Info(TensorProto tensor) =>
        OnnxValues.Info(tensor.Name, (TensorProto.Types.DataType)tensor.DataType, [.. tensor.Dims.Select(dim => $"{dim}")]);
}
