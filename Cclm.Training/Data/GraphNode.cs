namespace Cclm.Training.Data;

/// <summary>One node of a graph, as a row of a data set.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Id">The node's place in it.</param>
public readonly record struct GraphNode(TextGraph Graph, int Id)
{
    /// <summary>The node's text.</summary>
    public string Text => Graph.Texts[Id];

    /// <summary>The node's class; null where it has none.</summary>
    public string? Label => Graph.Labels?[Id];

    /// <summary>All but the text that tells the node from others.</summary>
    public override string ToString() => $"node {Id} {Label}: {string.Join(' ', Graph.Neighbours[Id].ToArray())}";
}

/// <summary>All nodes of a graph. They count as rows in memory whatever their texts are, so that they are shuffled as a whole.</summary>
sealed class GraphNodes(TextGraph graph) : RowSource<GraphNode>
{
    public override bool InMemory => true;

    public override RowSource<GraphNode> HeldInMemory(Func<GraphNode, long> size, long most) => this;

    public override IEnumerable<(long Number, GraphNode Row)> Read(long from)
    {
        for (var id = (int)Math.Min(from, graph.Texts.Count); id < graph.Texts.Count; id++)
        {
            yield return (id, new(graph, id));
        }
    }
}
