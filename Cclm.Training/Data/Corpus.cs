namespace Cclm.Training.Data;

/// <summary>Text to train on: files read as rows, one at a time, in memory that does not grow with them.</summary>
public static partial class Corpus
{
    /// <summary>The texts of a corpus. Rows without one are left out.</summary>
    /// <exception cref="FileNotFoundException">A path names nothing.</exception>
    /// <exception cref="ArgumentException">The options ask for what is not there, such as a split; the message says what is.</exception>
    /// <exception cref="InvalidDataException">Rows can not be read; thrown where they are, naming file and line.</exception>
    public static RowSource<string> Open(CorpusOptions options) => OpenRows(options, TextColumns(options), (fields, _) =>
        Text(fields, options) is var text && string.IsNullOrWhiteSpace(text) ? null : text);

    /// <summary>The texts of a corpus with their labels.</summary>
    /// <exception cref="InvalidDataException">A row has no text or not one label, and <see cref="CorpusOptions.SkipIncomplete"/> is not set; and as <see cref="Open"/>.</exception>
    /// <inheritdoc cref="Open"/>
    public static RowSource<LabelledText> OpenLabelled(CorpusOptions options) =>
        OpenRows(options, [new(options.LabelColumn, ColumnRole.Label), .. TextColumns(options)], (fields, reader) =>
        {
            var (label, text) = (Label(fields[0], reader), Text(fields[1..], options));
            return Complete(options, reader, (label, "label"), (text, "text")) ? new LabelledText(label, text) : null;
        });

    /// <summary>The texts of a corpus with all their labels: a list, or a field in which <see cref="CorpusOptions.LabelSeparator"/> stands between them. A row may have none.</summary>
    /// <exception cref="InvalidDataException">A row has no text, and <see cref="CorpusOptions.SkipIncomplete"/> is not set; and as <see cref="Open"/>.</exception>
    /// <inheritdoc cref="Open"/>
    public static RowSource<MultiLabelledText> OpenMultiLabelled(CorpusOptions options) =>
        OpenRows(options, [new(options.LabelColumn, ColumnRole.Label), .. TextColumns(options)], (fields, reader) =>
        {
            var text = Text(fields[1..], options);
            return Complete(options, reader, (text, "text")) ? new MultiLabelledText(Labels(fields[0], options), text) : null;
        });

    /// <summary>Pairs of texts, of the two <see cref="CorpusOptions.TextColumns"/>, and of a third what does not belong to the first; with a label where <see cref="CorpusOptions.LabelColumn"/> names one.</summary>
    /// <exception cref="InvalidDataException">A row lacks a text, and <see cref="CorpusOptions.SkipIncomplete"/> is not set; and as <see cref="Open"/>.</exception>
    /// <inheritdoc cref="Open"/>
    public static RowSource<TextPair> OpenPairs(CorpusOptions options)
    {
        if (options.TextColumns.Count is not (2 or 3))
        {
            throw new ArgumentException($"Pairs are read from two text columns, and of a third what does not belong; {options.TextColumns.Count} are named. " +
                "Name them, in a file without header by their numbers: --text-column 1 --text-column 2.", nameof(options));
        }
        var texts = options.TextColumns.Count;
        Column[] label = options.LabelColumn is { } name ? [new(name, ColumnRole.Label)] : [];
        return OpenRows(options, [.. TextColumns(options), .. label], (fields, reader) =>
        {
            var (first, second) = (fields[0].Join(options.TextSeparator), fields[1].Join(options.TextSeparator));
            return Complete(options, reader, (first, "first text"), (second, "second text"))
                ? new TextPair(first, second, fields.Length > texts ? Label(fields[texts], reader) : null) { Negative = texts > 2 && fields[2].Join(options.TextSeparator) is { Length: > 0 } negative ? negative : null } : null;
        });
    }

    /// <summary>Sentences with a tag for each word: CoNLL files, or two columns that hold lists (<c>tokens</c> and <c>tags</c>) in JSON and Parquet.</summary>
    /// <exception cref="InvalidDataException">A sentence has not as many tags as words; and as <see cref="Open"/>.</exception>
    /// <inheritdoc cref="Open"/>
    public static RowSource<TaggedSentence> OpenTagged(CorpusOptions options) => OpenRows(options,
        [new(options.TextColumns is [var words] ? words : null, ColumnRole.Words), new(options.LabelColumn, ColumnRole.Tags)], (fields, reader) =>
            fields[0].Items.Count == fields[1].Items.Count ? fields[0].Items.Count == 0 ? null : new TaggedSentence(fields[0].Items, fields[1].Items)
                : throw new InvalidDataException($"{reader.Place} has {fields[0].Items.Count} words and {fields[1].Items.Count} tags; expected one tag a word."));

    /// <summary>Reads a corpus once and says what it is like, rows without text included.</summary>
    /// <param name="options">Where it lies and how it is read.</param>
    /// <param name="labels">Whether rows have labels to be counted; a row may have several.</param>
    /// <inheritdoc cref="Open"/>
    public static CorpusReport Survey(CorpusOptions options, bool labels = false)
    {
        var survey = new CorpusSurvey();
        Column[] label = labels ? [new(options.LabelColumn, ColumnRole.Label)] : [];
        var rows = OpenRows(options, [.. label, .. TextColumns(options)], (fields, _) =>
            new SurveyedRow(Text(fields[label.Length..], options), labels ? [.. fields[0].Items] : []));
        foreach (var (_, row) in rows.Read())
        {
            survey.Add(row.Text, row.Labels);
        }
        return survey.Report();
    }

    sealed record SurveyedRow(string Text, string[] Labels);

    static RowSource<T> OpenRows<T>(CorpusOptions options, IReadOnlyList<Column> columns, MakeRow<T> make) where T : class =>
        new FileRows<T>(FileSearch.Find(options), options, columns, make);

    static IReadOnlyList<Column> TextColumns(CorpusOptions options) => options.TextColumns.Count == 0 ? [new(null, ColumnRole.Text)]
        : [.. options.TextColumns.Select(name => new Column(name, ColumnRole.Text))];

    static string Text(ReadOnlySpan<Field> fields, CorpusOptions options)
    {
        var text = fields[0].Join(options.TextSeparator);
        foreach (var field in fields[1..])
        {
            var more = field.Join(options.TextSeparator);
            text = text.Length == 0 || more.Length == 0 ? text + more : text + options.TextSeparator + more;
        }
        return text;
    }

    static string Label(Field field, RecordReader reader) => field.Items is [] ? "" : field.Items is [var label] ? label
        : throw new InvalidDataException($"{reader.Place} has {field.Items.Count} labels ({string.Join(", ", field.Items.Take(5))}); expected one.");

    static string[] Labels(Field field, CorpusOptions options) => [.. field.Items
        .SelectMany(item => options.LabelSeparator is { Length: > 0 } separator ? item.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [item])
        .Where(label => label.Length > 0).Distinct()];

    static bool Complete(CorpusOptions options, RecordReader reader, params ReadOnlySpan<(string Text, string What)> parts)
    {
        foreach (var (text, what) in parts)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                return options.SkipIncomplete ? false
                    : throw new InvalidDataException($"{reader.Place} has no {what}. Complete the row, take it out, or leave such rows out (--skip-incomplete).");
            }
        }
        return true;
    }
}
