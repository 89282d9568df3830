using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>What tells labels from the whole of a text has in common: <see cref="CategoricalPretrainer"/> and <see cref="MultiLabelPretrainer"/>.</summary>
/// <typeparam name="T">A text with what it is labelled.</typeparam>
public abstract class LabelPretrainer<T> : Pretrainer<T>
{
    readonly LabelSet labels;
    readonly float[]? weights;
    readonly Head head;
    readonly Augmentor? augmentor;

    private protected LabelPretrainer(HeadTask task, string name, Preprocessor preprocessor, Embedder embedder, Tower tower, IReadOnlyList<string> labels, Augmentor? augmentor,
        IReadOnlyList<double>? weights, HeadOptions? head) : base(name, preprocessor, embedder, tower)
    {
        (this.labels, this.augmentor) = (new(labels), augmentor);
        this.labels.CheckWeights(weights);
        this.weights = weights?.Select(weight => (float)weight).ToArray();
        this.head = new(new() { Task = task, Width = tower.Width, Labels = labels, Options = head ?? new() });
    }

    /// <summary>The labels, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels => labels.All;

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => labels.ToString();

    /// <summary>A text's labels.</summary>
    protected abstract IEnumerable<string> LabelsOf(T row);

    /// <inheritdoc/>
    protected override void Check(IEnumerable<T> dataset)
    {
        base.Check(dataset);
        labels.Check(dataset.SelectMany(LabelsOf));
    }

    private protected long ClassOf(string label) => labels[label];

    /// <summary>The ids of a row's text, with noise while training.</summary>
    private protected long[] Read(T row, Random random, bool training) => IdsOf(training && augmentor is not null ? augmentor(TextOf(row), random) : TextOf(row));

    private protected Tensor Logits(Value.Torch hidden) => ((Value.Torch)head.forward(hidden)).Tensor;     // [B,T,C] -> [B,K]

    /// <summary>Whether labels count differently.</summary>
    private protected bool IsWeighted => weights is not null;

    /// <summary>How much each label counts [K]; null where all count alike.</summary>
    private protected Tensor? WeightsOn(Device device) => weights is null ? null : tensor(weights, device: device);
}
