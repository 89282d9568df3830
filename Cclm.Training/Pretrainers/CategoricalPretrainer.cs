using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A text's label is to be told from the whole of it.</summary>
public sealed class CategoricalPretrainer : LabelPretrainer<LabelledText>
{
    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="labels">Every label there is; their order is theirs in the logits.</param>
    /// <param name="augmentor">Noise put on the texts while training.</param>
    /// <param name="weights">How much each label counts in the loss; all alike where null.</param>
    /// <param name="head">What is between the tower and the logits.</param>
    /// <exception cref="ArgumentException">There are not two labels, one is there twice, or there is not one weight for each.</exception>
    public CategoricalPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, IReadOnlyList<string> labels, Augmentor? augmentor = null,
        IReadOnlyList<double>? weights = null, HeadOptions? head = null) : base(HeadTask.Categorical, name, preprocessor, embedder, tower, labels, augmentor, weights, head)
    {
    }

    /// <inheritdoc/>
    protected override string TextOf(LabelledText row) => row.Text;

    /// <inheritdoc/>
    protected override IEnumerable<string> LabelsOf(LabelledText row) => [row.Label];

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new ClassScores(Labels.Count);

    /// <inheritdoc/>
    protected override Example Encode(LabelledText row, Random random, bool training) => new(Read(row, random, training), [ClassOf(row.Label)]);

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch) => new(Logits(hidden), batch.TargetsOn(hidden.Tensor.device).squeeze(-1));      // [B,K], [B]

    /// <inheritdoc/>
    protected override Tensor Loss(Answer answer, double smoothing) =>
        functional.cross_entropy(answer.Output, answer.Expected, WeightsOn(answer.Output.device), label_smoothing: smoothing);

    /// <inheritdoc/>
    protected internal override bool LossIsOfEachText => !IsWeighted;

    /// <inheritdoc/>
    protected override Sample Show(LabelledText row, Example example, Answer answer) => new(row.Text, row.Label, Labels[(int)answer.Classes[0]]);
}
