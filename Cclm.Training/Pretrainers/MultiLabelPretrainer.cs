using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>All of a text's labels are to be told from the whole of it; it may have several, or none.</summary>
public sealed class MultiLabelPretrainer : LabelPretrainer<MultiLabelledText>
{
    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="labels">Every label there is; their order is theirs in the logits.</param>
    /// <param name="augmentor">Noise put on the texts while training.</param>
    /// <param name="weights">How much a text that has the label counts beside those that have not; all 1 where null.</param>
    /// <param name="head">What is between the tower and the logits.</param>
    /// <exception cref="ArgumentException">There are not two labels, one is there twice, or there is not one weight for each.</exception>
    public MultiLabelPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, IReadOnlyList<string> labels, Augmentor? augmentor = null,
        IReadOnlyList<double>? weights = null, HeadOptions? head = null) : base(HeadTask.MultiLabel, name, preprocessor, embedder, tower, labels, augmentor, weights, head)
    {
    }

    /// <inheritdoc/>
    protected override string HeadDescription => $"any of {base.HeadDescription}";

    /// <inheritdoc/>
    protected override string TextOf(MultiLabelledText row) => row.Text;

    /// <inheritdoc/>
    protected override IEnumerable<string> LabelsOf(MultiLabelledText row) => row.Labels;

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new MultiLabelScores(Labels.Count);

    /// <inheritdoc/>
    protected override Example Encode(MultiLabelledText row, Random random, bool training)
    {
        var values = new float[Labels.Count];
        foreach (var label in row.Labels)
        {
            values[ClassOf(label)] = 1;
        }
        return new(Read(row, random, training), []) { Values = values };
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch) => new(Logits(hidden), batch.ValuesOn(hidden.Tensor.device));        // [B,K], [B,K]

    /// <inheritdoc/>
    protected override Tensor Loss(Answer answer, double smoothing) => functional.binary_cross_entropy_with_logits(
        answer.Output, answer.Expected.lerp(full_like(answer.Expected, Scalars.Kept(0.5)), smoothing), pos_weights: WeightsOn(answer.Output.device));

    /// <inheritdoc/>
    protected internal override bool LossIsOfEachText => true;

    /// <inheritdoc/>
    protected override Sample Show(MultiLabelledText row, Example example, Answer answer)
    {
        var told = answer.Output[0].gt(Scalars.Kept(0)).cpu().data<bool>().ToArray();
        return new(row.Text, string.Join(", ", row.Labels.Order(StringComparer.Ordinal)), string.Join(", ", Labels.Where((_, i) => told[i]).Order(StringComparer.Ordinal)));
    }

    /// <inheritdoc/>
    protected override void Check(IEnumerable<MultiLabelledText> dataset)
    {
        base.Check(dataset);
        if (dataset.All(row => row.Labels.Count == 0))
        {
            throw new ArgumentException("No text has a label; expected some that do. Is the label column the right one?", nameof(dataset));
        }
    }
}
