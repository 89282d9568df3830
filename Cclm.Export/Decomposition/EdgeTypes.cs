using Onnx;

namespace Cclm.Export;

/// <summary>The types of a graph's edges, where they are known.</summary>
sealed class EdgeTypes
{
    readonly Dictionary<string, ValueInfoProto> known = [];
    readonly Lazy<GraphTypes> inferred;

    /// <param name="model">What its graph says of its inputs, outputs and edges in between, and its weights; what follows from that comes after it.</param>
    /// <param name="given">What goes before that.</param>
    public EdgeTypes(ModelProto model, IEnumerable<ValueInfoProto> given)
    {
        var graph = model.Graph;
        inferred = new(() => new(model));
        foreach (var info in given.Concat(graph.Input).Concat(graph.Output).Concat(graph.ValueInfo).Where(info => info.Type is not null).Concat(graph.Initializer.Select(Info)))
        {
            known.TryAdd(info.Name, info);
        }
    }

    /// <exception cref="ArgumentException">The type is not known.</exception>
    /// <exception cref="OnnxModelException">It would have to be inferred, and the model contradicts itself.</exception>
    public ValueInfoProto Of(string edge) => known.TryGetValue(edge, out var info) ? info.Clone()
        : inferred.Value[edge].ToProto() is { } type ? new() { Name = edge, Type = type }
        : throw new ArgumentException($"The type of edge '{edge}' is not known: the model has no value_info of it, and it does not follow from what makes it. " +
            $"Say it in {nameof(ExtractionOptions)}.{nameof(ExtractionOptions.Types)}, or write it down where the graph is built ({nameof(OnnxGraph)}.{nameof(OnnxGraph.Declare)}).");

    static ValueInfoProto Info(TensorProto tensor) =>
        OnnxValues.Info(tensor.Name, (TensorProto.Types.DataType)tensor.DataType, [.. tensor.Dims.Select(dim => $"{dim}")]);
}
