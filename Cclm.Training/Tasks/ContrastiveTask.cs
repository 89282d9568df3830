using System.Text.Json;
using Cclm.Export;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="ContrastiveTask"/>.</summary>
public sealed record ContrastiveTaskOptions
{
    /// <summary>What a cosine is divided by.</summary>
    public double Temperature { get; init; } = new ContrastiveOptions().Temperature;

    /// <summary>How a text's characters become one vector: as the composed model will do it. <c>mean</c> learns fastest where the embedder has n-grams.</summary>
    public Pooling Pooling { get; init; } = new ContrastiveOptions().Pooling;

    /// <summary>Noise put on the texts, so that their spelling does not decide; two views of one text differ by nothing else.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { Noise = 0.2 };
}

/// <summary><c>contrastive</c>: <see cref="ContrastivePretrainer"/> on pairs of texts, or on two noisy views of each text.</summary>
public sealed class ContrastiveTask() : PretrainingTask<TextPair>("contrastive",
    "The text that belongs to another is to be found, for search. The corpus has two text columns, a third for what does not belong, or one, of which two noisy views belong together.")
{
    /// <inheritdoc/>
    public override string CorpusExample => "--corpus pairs.tsv --text-column 1 2";

    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(ContrastiveTaskOptions);

    /// <inheritdoc/>
    public override RowSource<TextPair> Open(CorpusOptions corpus) =>
        corpus.TextColumns.Count < 2 ? Corpus.Open(corpus).Select(text => new TextPair(text, text)) : Corpus.OpenPairs(corpus with { LabelColumn = null });

    /// <inheritdoc/>
    public override string TextOf(TextPair row) => row.Text;

    /// <inheritdoc/>
    public override IEnumerable<string> TextsOf(TextPair row) => new[] { row.First, row.Second, row.Negative }.OfType<string>().Distinct();

    /// <inheritdoc/>
    public override Pretrainer<TextPair> Create(TaskParts parts, JsonElement? options, RowSource<TextPair> rows)
    {
        var chosen = Chosen<ContrastiveTaskOptions>(options);
        return new ContrastivePretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower,
            new() { Temperature = chosen.Temperature, Pooling = chosen.Pooling, Augmentor = chosen.Augmentation.Create() });
    }
}
