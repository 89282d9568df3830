using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="CausalTask"/>.</summary>
public sealed record CausalTaskOptions
{
    /// <summary>How many of the next characters are asked for.</summary>
    public int Ahead { get; init; } = 1;
}

/// <summary><c>causal</c>: <see cref="CausalPretrainer"/> on the texts of a corpus.</summary>
public sealed class CausalTask() : PretrainingTask<string>("causal",
    "The next characters are to be told from those before them: at every position where embedder and tower are causal (both have the option), else at the end of a text's beginning. The corpus is text.")
{
    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(CausalTaskOptions);

    /// <inheritdoc/>
    public override RowSource<string> Open(CorpusOptions corpus) => Corpus.Open(corpus);

    /// <inheritdoc/>
    public override string TextOf(string row) => row;

    /// <inheritdoc/>
    public override Pretrainer<string> Create(TaskParts parts, JsonElement? options, RowSource<string> rows) =>
        new CausalPretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, Chosen<CausalTaskOptions>(options).Ahead);
}
