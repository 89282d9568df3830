using Cclm.Inference;
using Cclm.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A node's label is to be told from its text and from those around it. Nodes without a label are read as neighbours.</summary>
/// <remarks>What is held out is measured with all of its edges, as a node is that is new to the graph.</remarks>
public sealed class NodePretrainer : GraphPretrainer
{
    readonly LabelSet labels;
    readonly NodeClassifier head;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="graph">The graph, with labels; its <see cref="TextGraph.Nodes"/> are the data set.</param>
    /// <param name="options">What stands above the texts.</param>
    /// <param name="isHeldOut">Whether a text is held out; such nodes are not read while training. Null where none is.</param>
    /// <exception cref="ArgumentException">The graph has no edges or not two labels, or an option is out of range.</exception>
    public NodePretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, TextGraph graph, GraphOptions? options = null, Func<string, bool>? isHeldOut = null)
        : base(name, preprocessor, embedder, tower, graph, options, isHeldOut)
    {
        var all = graph.Labels ?? throw new ArgumentException("The graph has no labels to tell; expected one a node, or none where it has none. Give them (--labels FILE), or learn its edges.", nameof(graph));
        labels = new([.. all.OfType<string>().Distinct().Order(StringComparer.Ordinal)]);
        head = new(new(tower.Width, asked: 1, Options), labels.All.Count);
    }

    /// <summary>The labels, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels => labels.All;

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"{labels} of nodes, by {Options.Layers}";

    private protected override string Lack => "has a label";

    /// <inheritdoc/>
    protected override bool Accepts(GraphNode row) => row.Label is not null;

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new ClassScores(Labels.Count);

    /// <inheritdoc/>
    protected override Example Encode(GraphNode row, Random random, bool training) =>
        Read(Neighbourhood.Draw(training ? Known : Graph.Neighbours, row.Id, other: null, Options.FanOuts, random), [labels[row.Label!]], random, training);

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch) => new(head.call(hidden, batch), batch.TargetsOn(hidden.Tensor.device).squeeze(-1));     // [B,K], [B]

    /// <inheritdoc/>
    protected override Sample Show(GraphNode row, Example example, Answer answer) => new(row.Text, row.Label!, Labels[(int)answer.Classes[0]]);
}

/// <summary>A node's classes from its vector.</summary>
sealed class NodeClassifier : Module<Value.Torch, Batch, Tensor>
{
    readonly GraphEncoder encoder;
    readonly Linear output;

    public NodeClassifier(GraphEncoder encoder, int classes) : base(nameof(NodeClassifier))
    {
        (this.encoder, output) = (encoder, Linear(encoder.Width, classes));
        RegisterComponents();
    }

    public override Tensor forward(Value.Torch hidden, Batch batch) => output.call(encoder.call(hidden, batch).relu());      // [B,D] -> [B,K]
}
