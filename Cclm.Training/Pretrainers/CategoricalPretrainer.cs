using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A text's label is to be told from the whole of it.</summary>
public sealed class CategoricalPretrainer : Pretrainer<LabelledText>
{
    readonly Dictionary<string, long> classes;
    readonly PooledClassifier head;
    readonly Augmentor? augmentor;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="labels">Every label there is; their order is theirs in the logits.</param>
    /// <param name="augmentor">Noise put on the texts while training.</param>
    /// <exception cref="ArgumentException">There are not two labels, or one is there twice.</exception>
    public CategoricalPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, IReadOnlyList<string> labels, Augmentor? augmentor = null)
        : base(name, preprocessor, embedder, tower)
    {
        if (labels.Count < 2)
        {
            throw new ArgumentException($"There is nothing to tell apart: found {labels.Count} label{(labels.Count == 1 ? $", '{labels[0]}'" : "s")}; expected two or more.", nameof(labels));
        }
        if (labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Label '{twice.Key}' is given {twice.Count()} times; expected each once.", nameof(labels));
        }
        (Labels, this.augmentor) = (labels, augmentor);
        classes = labels.Index().ToDictionary(label => label.Item, label => (long)label.Index);
        head = new(tower.Width, labels.Count);
    }

    /// <summary>The labels, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"the labels {string.Join(", ", Labels.Select(label => $"'{label}'"))}";

    /// <inheritdoc/>
    protected override string TextOf(LabelledText row) => row.Text;

    /// <inheritdoc/>
    protected override Example Encode(LabelledText row, Random random, bool training)
    {
        var text = training && augmentor is not null ? augmentor(row.Text, random) : row.Text;
        var ids = new long[Preprocessor.Length(text)];
        Preprocessor.Encode(text, ids);
        return new(ids, [classes[row.Label]]);
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch) => new(head.forward(hidden), batch.TargetsOn(hidden.Tensor.device).squeeze(-1));

    /// <inheritdoc/>
    protected override Sample Show(LabelledText row, Example example, Answer answer) => new(row.Text, row.Label, Labels[(int)answer.Classes[0]]);

    /// <inheritdoc/>
    protected override void Check(IEnumerable<LabelledText> dataset)
    {
        base.Check(dataset);
        if (dataset.FirstOrDefault(row => !classes.ContainsKey(row.Label)) is { } stranger)
        {
            throw new ArgumentException($"Label '{stranger.Label}' is not among the {Labels.Count} that the pretrainer was made with. Make it with every label of the data.", nameof(dataset));
        }
    }
}
