using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Words are to be tagged, such as with the entities that they are of.</summary>
/// <remarks>
/// The model reads characters: in training each one of a word is asked for the word's tag. To answer, the scores of a word's characters
/// are joined, and the likeliest sequence that the scheme allows is taken. Words beyond the maximum length are left out of the loss;
/// they are answered O, and the metric counts them.
/// </remarks>
public sealed class TaggingPretrainer : Pretrainer<TaggedSentence>
{
    readonly Head head;
    readonly Augmentor? augmentor;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="tags">The tags; <see cref="TagSets"/> finds them.</param>
    /// <param name="augmentor">Noise put on each word by itself while training.</param>
    /// <param name="head">What is between the tower and the logits; its pooling is of no use here.</param>
    public TaggingPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, TagSet tags, Augmentor? augmentor = null, HeadOptions? head = null)
        : base(name, preprocessor, embedder, tower)
    {
        (Tags, this.augmentor) = (tags, augmentor);
        this.head = new(new() { Task = HeadTask.Tagging, Width = tower.Width, Labels = tags.Names, Scheme = tags.Scheme, Options = head ?? new() });
    }

    /// <summary>The tags, in the order of the logits.</summary>
    public TagSet Tags { get; }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"the tags {string.Join(", ", Tags.Names.Select(tag => $"'{tag}'"))}";

    /// <inheritdoc/>
    protected override string TextOf(TaggedSentence row) => row.Text;

    /// <inheritdoc/>
    protected override Example Encode(TaggedSentence row, Random random, bool training) =>
        TaggedExample.Of(training && augmentor is { } augment ? [.. row.Words.Select(word => Noisy(word, augment, random))] : row.Words, Tags.ClassesOf(row), Preprocessor);

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        var targets = batch.TargetsOn(hidden.Tensor.device);
        var asked = targets.ne(Scalars.Kept(Batch.NoTarget));               // [B,T]
        var logits = ((Value.Torch)head.forward(hidden)).Tensor;            // [B,T,K]
        return new TaggingAnswer(logits[asked], targets[asked], [.. batch.Examples.Cast<TaggedExample>()], Tags);      // [N,K], [N]
    }

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new SpanScores();

    /// <inheritdoc/>
    protected internal override bool LossIsOfEachText => true;

    /// <inheritdoc/>
    protected override Sample Show(TaggedSentence row, Example example, Answer answer) =>
        new(row.Text, Tagged(row, ((TaggedExample)example).Classes), Tagged(row, ((TaggingAnswer)answer).Decode()[0]));

    /// <inheritdoc/>
    protected override void Check(IEnumerable<TaggedSentence> dataset)
    {
        base.Check(dataset);
        foreach (var row in dataset)
        {
            Tags.ClassesOf(row);
        }
    }

    /// <summary>A word with noise; one that nothing would be left of stays as it is, for its tag has to stand somewhere.</summary>
    static string Noisy(string word, Augmentor augmentor, Random random) => augmentor(word, random) is { Length: > 0 } noisy ? noisy : word;

    string Tagged(TaggedSentence row, int[] classes) =>
        string.Join(' ', row.Words.Zip(classes, (word, tag) => tag == TagSet.Outside ? word : $"{word}/{Tags.Names[tag]}"));
}
