using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// Of all second nodes in a batch, the one that an edge joins with the first is to be found by the cosine of their vectors (InfoNCE, van den Oord et al.
/// 2018). A node is asked for one of its neighbours, drawn anew each time; the other ones of the batch are no wrong answers.
/// </summary>
/// <remarks>
/// Messages pass neither over the edge that is asked about nor over those of nodes that are held out. An edge is held out if one of its ends is: what is
/// measured is which nodes a new text belongs to.
/// </remarks>
public sealed class EdgePretrainer : GraphPretrainer
{
    readonly GraphEncoder head;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="graph">The graph; its <see cref="TextGraph.Nodes"/> are the data set.</param>
    /// <param name="options">What stands above the texts, and the temperature.</param>
    /// <param name="isHeldOut">Whether a text is held out; such nodes and their edges are not read while training. Null where none is.</param>
    /// <exception cref="ArgumentException">The graph has no edges, or an option is out of range.</exception>
    public EdgePretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, TextGraph graph, GraphOptions? options = null, Func<string, bool>? isHeldOut = null)
        : base(name, preprocessor, embedder, tower, graph, options, isHeldOut) => head = new(tower.Width, asked: 2, Options);

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"which nodes are joined, by {Options.Layers}";

    private protected override string Lack => "has an edge to a node that is not held out";

    /// <inheritdoc/>
    protected override bool Accepts(GraphNode row) => EdgesOf(row.Id).Length > 0;

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new EdgeScores();

    /// <inheritdoc/>
    protected override Example Encode(GraphNode row, Random random, bool training)
    {
        var edges = EdgesOf(row.Id);
        return Read(Neighbourhood.Draw(Known, row.Id, edges[random.Next(edges.Length)], Options.FanOuts, random), [], random, training);
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        var vectors = functional.normalize(head.call(hidden, batch), p: 2, dim: 1).view(batch.Examples.Count, 2, -1);   // [B,2,D]
        var cosines = vectors.select(1, 0).matmul(vectors.select(1, 1).t());                                        // [B,B]
        return InBatchNegatives.Of(cosines, Options.Temperature, NoWrongAnswers(Ends(batch.Examples)));
    }

    /// <inheritdoc/>
    protected override Sample Show(GraphNode row, Example example, Answer answer) => throw new NotSupportedException("Edges are shown together.");

    /// <inheritdoc/>
    protected override IReadOnlyList<Sample> Show(IReadOnlyList<(GraphNode Row, Example Example)> examples)
    {
        var batch = Batch.Of([.. examples.Select(example => example.Example)]);
        var ends = Ends(batch.Examples);
        return [.. ends.Zip(AnswerTo(batch).Classes, (edge, found) => new Sample(Graph.Texts[edge.Node], Graph.Texts[edge.Other], Graph.Texts[ends[found].Other]))];
    }

    /// <summary>The edges that a node may be asked about.</summary>
    ReadOnlySpan<int> EdgesOf(int node) => (IsHeldOut(node) ? Graph.Neighbours : Known)[node];

    static (int Node, int Other)[] Ends(IEnumerable<Example> examples) => [.. examples.Select(example => ((GraphExample)example).Around.Nodes is [var node, var other, ..] ? (node, other) : default)];

    /// <summary>Whether a second node is another example's, and yet no wrong answer to the first: it is joined with it, or it is it. [B,B] by rows.</summary>
    bool[] NoWrongAnswers((int Node, int Other)[] ends) => [.. ends.SelectMany((edge, i) =>
        ends.Select((candidate, j) => i != j && (candidate.Other == edge.Node || Graph.Neighbours.Joins(edge.Node, candidate.Other))))];
}
