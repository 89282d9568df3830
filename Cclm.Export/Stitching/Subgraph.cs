using Onnx;

namespace Cclm.Export;

/// <summary>Cuts a model down to some of its outputs.</summary>
static class Subgraph
{
    /// <summary>The model with only these outputs and the nodes that they are made of. Weights stay, all of them: they are what the part is known by.</summary>
    /// <returns>The model itself where it has no other output.</returns>
    public static ModelProto Keep(ModelProto model, IReadOnlyCollection<string> outputs)
    {
        if (model.Graph.Output.All(output => outputs.Contains(output.Name)))
        {
            return model;
        }
        var kept = model.Clone();
        var graph = kept.Graph;
        var (nodes, needed) = Needed(graph, outputs, new HashSet<string>());
        graph.Node.Clear();
        graph.Node.Add(nodes);
        graph.ValueInfo.Keep(value => needed.Contains(value.Name));
        graph.Output.Keep(output => outputs.Contains(output.Name));
        return kept;
    }

    /// <summary>The nodes that edges are made of, in the graph's order.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">The edges.</param>
    /// <param name="given">Edges that are there already: what they are made of is not followed.</param>
    /// <returns>With them, the names of the edges and of everything that the nodes read, through their nested graphs too.</returns>
    public static (IReadOnlyList<NodeProto> Nodes, HashSet<string> Names) Needed(GraphProto graph, IEnumerable<string> outputs, IReadOnlySet<string> given)
    {
        var names = outputs.ToHashSet();
        var nodes = new List<NodeProto>();
        foreach (var node in graph.Node.Reverse())      // against the topological order: what reads comes before what it reads
        {
            if (node.Output.Any(output => names.Contains(output) && !given.Contains(output)))
            {
                nodes.Add(node);
                names.UnionWith(node.Reads());
                names.Remove("");       // an optional input left out
            }
        }
        nodes.Reverse();
        return (nodes, names);
    }
}
