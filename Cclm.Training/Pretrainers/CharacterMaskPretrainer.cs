using Cclm.Inference;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Masked characters are to be told from what stands around them (after Devlin et al. 2019, on characters).</summary>
public sealed class CharacterMaskPretrainer : Pretrainer<string>
{
    readonly CharacterMasking masking;
    readonly CharacterMaskOptions options;
    readonly Linear head;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="options">What is masked.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public CharacterMaskPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, CharacterMaskOptions? options = null)
        : base(name, preprocessor, embedder, tower)
    {
        this.options = options ?? new();
        this.options.Check();
        masking = new(preprocessor, this.options);
        head = Linear(tower.Width, preprocessor.Vocabulary.Count);
    }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"{head.weight!.shape[0]} characters";

    /// <inheritdoc/>
    protected override string TextOf(string row) => row;

    /// <inheritdoc/>
    protected override bool Accepts(string row) => options.Filters.All(accepts => accepts(row));

    /// <inheritdoc/>
    protected override Example Encode(string row, Random random, bool training) => masking.Mask(row, random, noisy: training);

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        var targets = batch.TargetsOn(hidden.Tensor.device);
        var asked = targets.ne(Scalars.Kept(Batch.NoTarget));               // [B,T]
        return new(head.call(hidden.Tensor[asked]), targets[asked]);        // [N,V], [N]
    }

    /// <inheritdoc/>
    protected internal override bool LossIsOfEachText => true;

    /// <inheritdoc/>
    protected override Sample Show(string row, Example example, Answer answer)
    {
        var (asked, answered) = ((long[])[.. example.Ids], (long[])[.. example.Ids]);
        foreach (var (at, character) in Enumerable.Range(0, asked.Length).Where(i => example.Targets[i] != Batch.NoTarget).Zip(answer.Classes))
        {
            (asked[at], answered[at]) = (example.Targets[at], character);
        }
        return new(Preprocessor.Decode(example.Ids), Preprocessor.Decode(asked), Preprocessor.Decode(answered));
    }

    /// <inheritdoc/>
    protected override void Check(IEnumerable<string> dataset)
    {
        base.Check(dataset);
        if (dataset.All(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"All texts are empty; expected text to mask.", nameof(dataset));
        }
    }
}
