using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="MaskedLanguageTask"/>.</summary>
public sealed record MaskedLanguageTaskOptions
{
    /// <summary>A Hugging Face <c>tokenizer.json</c> that this library wrote; null where one is fitted on the corpus.</summary>
    [FileOption]
    public string? Tokenizer { get; init; }

    /// <summary>How many word pieces a tokenizer has that is fitted.</summary>
    public int Vocabulary { get; init; } = new SubwordTokenizerOptions().VocabularySize;

    /// <summary>The fewest characters of a piece that is asked for.</summary>
    public int MinCharacters { get; init; } = new MaskedLanguageOptions().MinCharacters;

    /// <summary>What the piece is told from: what is said of its characters, or of the whole text.</summary>
    public SpanPooling Pooling { get; init; } = new MaskedLanguageOptions().Pooling;

    /// <summary>How it is told from all others while training.</summary>
    public TokenLoss Loss { get; init; } = new MaskedLanguageOptions().Loss;

    /// <summary>Pieces that the sampled softmax draws for a batch.</summary>
    public int Candidates { get; init; } = new MaskedLanguageOptions().Candidates;

    /// <summary>Wrong pieces that negative sampling draws for each right one.</summary>
    public int Negatives { get; init; } = new MaskedLanguageOptions().Negatives;

    /// <summary>Noise put on the texts while training.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();
}

/// <summary><c>mlm</c>: <see cref="MaskedLanguagePretrainer"/> on the texts of a corpus.</summary>
public sealed class MaskedLanguageTask() : PretrainingTask<string>("mlm",
    "A masked word piece is to be told from the text around it. The corpus is text; a tokenizer is fitted on it, and lies beside the head.")
{
    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(MaskedLanguageTaskOptions);

    /// <inheritdoc/>
    public override RowSource<string> Open(CorpusOptions corpus) => Corpus.Open(corpus);

    /// <inheritdoc/>
    public override string TextOf(string row) => row;

    /// <inheritdoc/>
    public override Pretrainer<string> Create(TaskParts parts, JsonElement? options, RowSource<string> rows)
    {
        var chosen = Chosen<MaskedLanguageTaskOptions>(options);
        var tokenizer = chosen.Tokenizer is { } path ? SubwordTokenizer.Load(path)
            : SubwordTokenizer.Fit(rows.Read().Select(row => row.Row), new() { VocabularySize = chosen.Vocabulary });
        return new MaskedLanguagePretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, tokenizer, new()
        {
            MinCharacters = chosen.MinCharacters,
            Pooling = chosen.Pooling,
            Loss = chosen.Loss,
            Candidates = chosen.Candidates,
            Negatives = chosen.Negatives,
            Augmentor = chosen.Augmentation.Create(),
        });
    }
}
