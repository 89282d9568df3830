using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What is to be told of a graph's nodes.</summary>
public enum GraphTarget
{
    /// <summary>Labels where the graph has some, else edges.</summary>
    Auto,

    /// <summary>Each node's label.</summary>
    Labels,

    /// <summary>Which nodes an edge joins.</summary>
    Edges,
}

/// <summary>What a recipe or a command line says of <see cref="GraphTask"/>.</summary>
public sealed record GraphTaskOptions
{
    /// <summary>What is to be told: labels, edges, or by default labels where there are some.</summary>
    public GraphTarget Target { get; init; } = GraphTarget.Auto;

    /// <summary>How a node takes in what its neighbours say.</summary>
    public GraphConvolution Convolution { get; init; } = new GraphOptions().Convolution;

    /// <summary>The most neighbours that are drawn for a node, at each distance; a layer each. Without any, texts are asked alone.</summary>
    public IReadOnlyList<int> FanOuts { get; init; } = new GraphOptions().FanOuts;

    /// <summary>The channels of a layer.</summary>
    public int Width { get; init; } = new GraphOptions().Width;

    /// <summary>What a cosine is divided by where edges are to be told.</summary>
    public double Temperature { get; init; } = new GraphOptions().Temperature;

    /// <summary>Noise put on the texts while training.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();
}

/// <summary><c>graph</c>: <see cref="NodePretrainer"/> or <see cref="EdgePretrainer"/> on a graph of texts.</summary>
public sealed class GraphTask() : PretrainingTask<GraphNode>("graph",
    "The labels of a graph's nodes, or which nodes are joined, are to be told from their texts and those around them. The corpus is one file of texts, a node a line, with a file of edges (--edges) and one of labels (--labels).")
{
    /// <inheritdoc/>
    public override string CorpusExample => "--corpus nodes.txt --edges edges.txt --labels labels.txt";

    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(GraphTaskOptions);

    /// <inheritdoc/>
    public override RowSource<GraphNode> Open(CorpusOptions corpus) => TextGraph.Open(corpus).Nodes;

    /// <inheritdoc/>
    public override string TextOf(GraphNode row) => row.Text;

    /// <inheritdoc/>
    public override IEnumerable<string> LabelsOf(GraphNode row) => row.Label is { } label ? [label] : [];

    /// <inheritdoc/>
    public override Pretrainer<GraphNode> Create(TaskParts parts, JsonElement? options, RowSource<GraphNode> rows)
    {
        var chosen = Chosen<GraphTaskOptions>(options);
        var graph = rows.Read().First().Row.Graph;
        var layers = new GraphOptions
        {
            Convolution = chosen.Convolution,
            FanOuts = chosen.FanOuts,
            Width = chosen.Width,
            Temperature = chosen.Temperature,
            Augmentor = chosen.Augmentation.Create(),
        };
        return chosen.Target == GraphTarget.Edges || (chosen.Target == GraphTarget.Auto && graph.Labels is null)
            ? new EdgePretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, graph, layers, parts.IsHeldOut)
            : new NodePretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, graph, layers, parts.IsHeldOut);
    }
}
