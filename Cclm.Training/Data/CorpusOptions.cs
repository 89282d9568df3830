namespace Cclm.Training.Data;

/// <summary>How the files of a corpus are written.</summary>
public enum CorpusFormat
{
    /// <summary>One text a line.</summary>
    Lines,

    /// <summary>One JSON object a line (JSON Lines), or one JSON array of objects.</summary>
    Json,

    /// <summary>Comma-separated values (RFC 4180); the first row names the columns unless said otherwise.</summary>
    Csv,

    /// <summary>Tab-separated values, without quotation and without a header unless said otherwise.</summary>
    Tsv,

    /// <summary>Apache Parquet.</summary>
    Parquet,

    /// <summary>One token a line in columns, a blank line after each sentence (CoNLL 2002, 2003 and what is written like them).</summary>
    Conll,
}

/// <summary>Where a corpus lies and how its rows are read; every property but <see cref="Paths"/> has a default that fits most data.</summary>
/// <remarks>
/// A column is a name of the header, a property or a path of them (<c>message.text</c>), or a number from 1. A path goes through lists:
/// <c>turns.text</c> is the text of each turn, <c>turns.0.text</c> that of the first.
/// </remarks>
public sealed record CorpusOptions
{
    /// <summary>Files, folders (read recursively), patterns (<c>data/**/*.jsonl.zst</c>) or <c>-</c>, the standard input. Files of a folder or pattern come in ordinal order.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The format of every file; where it is null, each file's extension says it: .txt, .jsonl, .json, .ndjson, .csv, .tsv, .parquet, .conll, and then .gz, .zst or .br.</summary>
    public CorpusFormat? Format { get; init; }

    /// <summary>The columns that hold the text. Where none is named, <c>text</c>, or the only one there is.</summary>
    public IReadOnlyList<string> TextColumns { get; init; } = [];

    /// <summary>What stands between the texts of several columns, and between those of a list.</summary>
    public string TextSeparator { get; init; } = " ";

    /// <summary>The column that holds the label. Where none is named, <c>label</c>; in a file without header, the first.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>What separates the labels of a row that may have several, where they stand in one field, such as a comma; null where they are a list (JSON, Parquet) or one.</summary>
    public string? LabelSeparator { get; init; }

    /// <summary>Of a graph, whose nodes are the lines of one file: the file of its edges, two node numbers a line, counted from 0. Other tasks than <c>graph</c> do not read it.</summary>
    public string? Edges { get; init; }

    /// <summary>Of a graph: the file of its labels, one a node and line, blank where a node has none; null where there are none.</summary>
    public string? Labels { get; init; }

    /// <summary>Whether the first row of CSV and TSV names the columns. Where it is null: in CSV, and in TSV where a column is asked for by a name.</summary>
    public bool? Header { get; init; }

    /// <summary>Whether quotation marks delimit fields of TSV, as they do in CSV. By default a TSV field holds any mark as it is.</summary>
    public bool Quotes { get; init; }

    /// <summary>What separates the fields of CSV.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>The split of a Hugging Face data set folder; where it is null, <c>train</c>, or the only one there is.</summary>
    public string? Split { get; init; }

    /// <summary>The configuration of a Hugging Face data set folder; where it is null, its default one.</summary>
    public string? Config { get; init; }

    /// <summary>Whether rows without a text, a label or the other text of a pair are left out rather than an error. Rows that need nothing but a text are always left out without one, as blank lines are.</summary>
    public bool SkipIncomplete { get; init; }
}
