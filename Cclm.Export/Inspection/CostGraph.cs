using Onnx;

namespace Cclm.Export;

/// <summary>A graph with the work of its nodes, and with the memory of the edges that depend on its inputs and when it is needed.</summary>
sealed class CostGraph
{
    readonly GraphProto graph;
    readonly GraphTypes types;
    readonly NodeProto[] nodes;                                             // that depend on the inputs: all others are computed once
    readonly Dictionary<string, (int Made, int Read, long Bytes)> edges = [];

    public CostGraph(ModelProto model, IReadOnlyDictionary<string, long> sizes)
    {
        (graph, types) = (model.Graph, new(model, sizes));
        string[] inputs = [.. graph.Input.Select(input => input.Name)];
        nodes = [.. Depending(graph, inputs)];
        foreach (var input in inputs)
        {
            Make(input, 0);
        }
        for (var i = 0; i < nodes.Length; i++)
        {
            foreach (var output in nodes[i].Output.Where(output => output.Length > 0))
            {
                Make(output, i);
            }
            Keep(nodes[i].Reads(), i);
        }
        Keep(graph.Output.Select(output => output.Name).Concat(inputs), nodes.Length);
    }

    /// <summary>How many edges are not counted.</summary>
    public int UnknownEdges { get; private set; }

    /// <summary>Multiply-adds of the nodes that make some edges.</summary>
    public long MultiplyAdds(Func<string, bool> isIn) => Sum(nodes.Where(node => node.Output.Any(isIn)).Select(MultiplyAdds));

    /// <summary>Bytes of some weights.</summary>
    public long WeightBytes(Func<string, bool> isIn) => Sum(graph.Initializer.Where(tensor => isIn(tensor.Name)).Select(TensorData.ByteLength));

    /// <summary>The most bytes that some edges take at one time.</summary>
    public long PeakBytes(Func<string, bool> isIn)
    {
        var changes = new Int128[nodes.Length + 2];
        foreach (var (_, (made, read, bytes)) in edges.Where(edge => isIn(edge.Key)))
        {
            changes[made] += bytes;
            changes[read + 1] -= bytes;
        }
        var (now, most) = ((Int128)0, (Int128)0);
        foreach (var change in changes)
        {
            most = Int128.Max(most, now += change);
        }
        return (long)Int128.Min(most, long.MaxValue);
    }

    long MultiplyAdds(NodeProto node) => types.RuleOf(node)?.Terms is { } terms && types[node.Output[0]].Shape is { } shape
        ? shape.Aggregate(terms(types.Of(node)), (count, dim) => count * dim).Number ?? 0 : 0;

    void Make(string edge, int at)
    {
        var type = types[edge];
        var bytes = type.Shape is { } shape && shape.All(dim => dim.Number is not null) ? ElementType.ByteLength(type.Element, [.. shape.Select(dim => dim.Number!.Value)]) : null;
        edges[edge] = (at, at, bytes ?? 0);
        UnknownEdges += bytes is null ? 1 : 0;
    }

    void Keep(IEnumerable<string> names, int until)
    {
        foreach (var name in names.Where(edges.ContainsKey))
        {
            edges[name] = edges[name] with { Read = until };
        }
    }

    /// <summary>The nodes that depend on some edges.</summary>
    static List<NodeProto> Depending(GraphProto graph, IEnumerable<string> on)
    {
        var (names, nodes) = (on.ToHashSet(), new List<NodeProto>());
        foreach (var node in graph.Node)
        {
            if (node.Reads().Any(names.Contains))
            {
                nodes.Add(node);
                names.UnionWith(node.Output);
            }
        }
        return nodes;
    }

    static long Sum(IEnumerable<long> numbers) => (long)Int128.Min(numbers.Aggregate((Int128)0, (sum, number) => sum + number), long.MaxValue);
}
