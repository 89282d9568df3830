using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>The last letter of a text is to be told, with noise on the text; it tells of each loss it is trained by.</summary>
sealed class LastLetterPretrainer(Embedder embedder, Tower tower) : Pretrainer<string>("t", SmallParts.Preprocessor, embedder, tower)
{
    readonly TorchSharp.Modules.Linear head = nn.Linear(tower.Width, SmallParts.Preprocessor.Vocabulary.Count);
    readonly Augmentor noise = Augmentors.Typos(0.5);

    public Action? OnBatch { get; set; }

    /// <summary>Whether the loss of this batch is no number.</summary>
    public Func<bool>? Spoil { get; set; }

    /// <summary>Whether texts go to their losses by themselves.</summary>
    public bool Apart { get; init; }

    protected internal override bool LossIsOfEachText => Apart;

    protected override nn.Module Head => head;

    protected override string HeadDescription => "last letters";

    protected override string TextOf(string row) => row;

    protected override Example Encode(string row, Random random, bool training)
    {
        var ids = Preprocessor.Encode([training ? noise(row, random) : row]).Ids;
        return new(ids, [ids[^1]]);
    }

    protected override Answer Predict(Value.Torch hidden, Batch batch) => new(head.call(hidden.Tensor.mean([1])), batch.TargetsOn(CPU).squeeze(-1));

    protected override Tensor Loss(Answer answer, double smoothing)
    {
        if (head.training)
        {
            OnBatch?.Invoke();
        }
        return head.training && Spoil?.Invoke() == true ? answer.Output.sum().mul(Scalars.Kept(double.NaN)) : base.Loss(answer, smoothing);
    }

    protected override Sample Show(string row, Example example, Answer answer) => new(row, row[^1..], SmallParts.Preprocessor.Decode([answer.Classes[0]]));
}
