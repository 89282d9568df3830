using System.Text.Json;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="TaggingTask"/>.</summary>
public sealed record TaggingTaskOptions
{
    /// <summary>The scheme of the tags; by default BIOES where a tag begins with E- or S-, else BIO.</summary>
    public TagScheme Scheme { get; init; } = TagScheme.Auto;

    /// <summary>Noise put on the words while training.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>What is between the tower and the logits; its pooling is of no use here.</summary>
    public HeadOptions Head { get; init; } = new();
}

/// <summary><c>tagging</c>: <see cref="TaggingPretrainer"/> on the tagged sentences of a corpus.</summary>
public sealed class TaggingTask() : PretrainingTask<TaggedSentence>("tagging", "Words are to be tagged, such as with the entities that they are of. The corpus is sentences in words with tags (CoNLL).")
{
    /// <inheritdoc/>
    public override string CorpusExample => "--corpus train.conll";

    /// <inheritdoc/>
    public override Type Options => typeof(TaggingTaskOptions);

    /// <inheritdoc/>
    public override RowSource<TaggedSentence> Open(CorpusOptions corpus) => Corpus.OpenTagged(corpus);

    /// <inheritdoc/>
    public override string TextOf(TaggedSentence row) => row.Text;

    /// <inheritdoc/>
    public override Pretrainer<TaggedSentence> Create(TaskParts parts, JsonElement? options, RowSource<TaggedSentence> rows)
    {
        var chosen = Chosen<TaggingTaskOptions>(options);
        var tags = TagSet.Of(rows.Read().Select(row => row.Row), chosen.Scheme);
        return new TaggingPretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, tags, chosen.Augmentation.Create(), chosen.Head);
    }
}
