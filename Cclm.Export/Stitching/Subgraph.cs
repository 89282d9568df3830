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
        var needed = outputs.ToHashSet();
        for (var i = graph.Node.Count - 1; i >= 0; i--)     // against the topological order: what reads comes before what it reads
        {
            if (graph.Node[i].Output.Any(needed.Contains))
            {
                needed.UnionWith(graph.Node[i].Reads());
            }
            else
            {
                graph.Node.RemoveAt(i);
            }
        }
        foreach (var lost in graph.ValueInfo.Where(value => !needed.Contains(value.Name)).ToArray())
        {
            graph.ValueInfo.Remove(lost);
        }
        foreach (var dropped in graph.Output.Where(output => !outputs.Contains(output.Name)).ToArray())
        {
            graph.Output.Remove(dropped);
        }
        return kept;
    }
}
