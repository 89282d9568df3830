using Onnx;

namespace Cclm.Export;

/// <summary>Leaves out what a conversion left unread: float weights that nothing uses any more, and what only turned them.</summary>
static class UnreadWeights
{
    /// <summary>Removes weights, constants and transpositions that nothing reads, in nested graphs too.</summary>
    public static void Remove(GraphProto graph)
    {
        foreach (var nested in graph.Node.SelectMany(node => node.NestedGraphs()))
        {
            Remove(nested);
        }
        var inputs = graph.Input.Select(input => input.Name).ToHashSet();
        var read = graph.Output.Select(output => output.Name).ToHashSet();
        for (var i = graph.Node.Count - 1; i >= 0; i--)         // what reads comes before what it reads
        {
            var node = graph.Node[i];
            if (node.OpType is "Transpose" or "Constant" && !node.Output.Any(read.Contains))
            {
                graph.Node.RemoveAt(i);
            }
            else
            {
                read.UnionWith(node.Reads());
            }
        }
        var kept = graph.Initializer.Where(tensor => read.Contains(tensor.Name) || inputs.Contains(tensor.Name)).ToArray();
        graph.Initializer.Clear();
        graph.Initializer.AddRange(kept);
        var values = graph.Defines().ToHashSet();
        foreach (var lost in graph.ValueInfo.Where(value => !values.Contains(value.Name)).ToArray())
        {
            graph.ValueInfo.Remove(lost);
        }
    }
}
