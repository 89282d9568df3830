using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="CategoricalTask"/> and <see cref="MultiLabelTask"/>.</summary>
public sealed record CategoricalTaskOptions
{
    /// <summary>Noise put on the texts while training.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Whether rare labels count in the loss as much as frequent ones.</summary>
    public bool Balanced { get; init; }

    /// <summary>What is between the tower and the logits.</summary>
    public HeadOptions Head { get; init; } = new();
}

/// <summary><c>categorical</c>: <see cref="CategoricalPretrainer"/> on the labelled texts of a corpus.</summary>
public sealed class CategoricalTask() : PretrainingTask<LabelledText>("categorical", "A text's label is to be told from the whole of it. The corpus is text with labels.")
{
    /// <inheritdoc/>
    public override string CorpusExample => "--corpus labels.tsv";

    /// <inheritdoc/>
    public override Type Options => typeof(CategoricalTaskOptions);

    /// <inheritdoc/>
    public override RowSource<LabelledText> Open(CorpusOptions corpus) => Corpus.OpenLabelled(corpus);

    /// <inheritdoc/>
    public override string TextOf(LabelledText row) => row.Text;

    /// <inheritdoc/>
    public override IEnumerable<string> LabelsOf(LabelledText row) => [row.Label];

    /// <inheritdoc/>
    public override Pretrainer<LabelledText> Create(TaskParts parts, JsonElement? options, RowSource<LabelledText> rows)
    {
        var chosen = Chosen<CategoricalTaskOptions>(options);
        var counts = LabelCounts.Of(rows.Read().Select(row => row.Row.Label));
        return new CategoricalPretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, [.. counts.Keys], chosen.Augmentation.Create(),
            chosen.Balanced ? LabelSet.Balanced([.. counts.Values]) : null, chosen.Head);
    }
}

/// <summary>How often each label is there, in ordinal order.</summary>
static class LabelCounts
{
    public static SortedDictionary<string, long> Of(IEnumerable<string> labels)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            counts[label] = counts.GetValueOrDefault(label) + 1;
        }
        return counts;
    }
}
