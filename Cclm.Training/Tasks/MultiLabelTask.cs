using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary><c>multi-label</c>: <see cref="MultiLabelPretrainer"/> on texts with any number of labels.</summary>
public sealed class MultiLabelTask() : PretrainingTask<MultiLabelledText>("multi-label", "All of a text's labels are to be told. The corpus is text with any number of labels each.")
{
    /// <inheritdoc/>
    public override string CorpusExample => "--corpus labels.tsv --label-separator ,";

    /// <inheritdoc/>
    public override Type Options => typeof(CategoricalTaskOptions);

    /// <inheritdoc/>
    public override RowSource<MultiLabelledText> Open(CorpusOptions corpus) => Corpus.OpenMultiLabelled(corpus);

    /// <inheritdoc/>
    public override string TextOf(MultiLabelledText row) => row.Text;

    /// <inheritdoc/>
    public override IEnumerable<string> LabelsOf(MultiLabelledText row) => row.Labels;

    /// <inheritdoc/>
    public override Pretrainer<MultiLabelledText> Create(TaskParts parts, JsonElement? options, RowSource<MultiLabelledText> rows)
    {
        var chosen = Chosen<CategoricalTaskOptions>(options);
        var counts = LabelCounts.Of(rows.Read().SelectMany(row => row.Row.Labels));
        return new MultiLabelPretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, [.. counts.Keys], chosen.Augmentation.Create(),
            chosen.Balanced ? Balanced(counts.Values, rows.Read().LongCount()) : null, chosen.Head);
    }

    /// <summary>For each label, the texts that have it not to those that have it: both then count alike.</summary>
    static double[] Balanced(IEnumerable<long> counts, long texts) => [.. counts.Select(count => Math.Max(1, texts - count) / (double)count)];
}
