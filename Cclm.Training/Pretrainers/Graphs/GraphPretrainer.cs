using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>
/// What <see cref="NodePretrainer"/> and <see cref="EdgePretrainer"/> have in common: nodes are texts, and what is said of a text is joined with what is
/// said of some around it. What a step takes does not depend on how large the graph is.
/// </summary>
/// <remarks>While training, no text that is held out is read, as a neighbour neither.</remarks>
public abstract class GraphPretrainer : Pretrainer<GraphNode>
{
    readonly bool[] heldOut;

    private protected GraphPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, TextGraph graph, GraphOptions? options, Func<string, bool>? isHeldOut)
        : base(name, preprocessor, embedder, tower)
    {
        (Graph, Options) = (graph, options ?? new());
        Options.Check();
        if (graph.Neighbours.Edges == 0)
        {
            throw new ArgumentException($"No two of the graph's {graph.Texts.Count:N0} nodes are joined: its {graph.Edges.Count:N0} edges lead from a node to itself. See that the edges are those of these nodes; texts without edges are learned by other tasks.", nameof(graph));
        }
        heldOut = [.. graph.Texts.Select(text => isHeldOut?.Invoke(text) == true)];
        Known = isHeldOut is null ? graph.Neighbours : new(graph.Texts.Count, graph.Edges.Where(edge => !heldOut[edge.From] && !heldOut[edge.To]));
    }

    /// <summary>The whole graph.</summary>
    private protected TextGraph Graph { get; }

    /// <summary>The edges between nodes that are not held out.</summary>
    private protected Adjacency Known { get; }

    private protected GraphOptions Options { get; }

    /// <inheritdoc/>
    protected override string TextOf(GraphNode row) => row.Text;

    /// <inheritdoc/>
    protected override void Check(IEnumerable<GraphNode> dataset)
    {
        if (!dataset.Any())
        {
            throw new ArgumentException($"No node of the data set {Lack}; expected some, of those to train on and of those held out.", nameof(dataset));
        }
        if (dataset.First().Graph != Graph)
        {
            throw new ArgumentException("The nodes are those of another graph than the pretrainer was made with. Take them of that one's Nodes.", nameof(dataset));
        }
    }

    /// <summary>What a node lacks that is not asked about, in words.</summary>
    private protected abstract string Lack { get; }

    private protected bool IsHeldOut(int node) => heldOut[node];

    /// <summary>A neighbourhood's texts, with noise while training.</summary>
    private protected GraphExample Read(Neighbourhood around, long[] targets, Random random, bool training) =>
        new([.. around.Nodes.Select(node => IdsOf(training && Options.Augmentor is { } augment ? augment(Graph.Texts[node], random) : Graph.Texts[node]))], targets, around);
}
