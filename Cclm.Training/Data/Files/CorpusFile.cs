namespace Cclm.Training.Data;

/// <summary>One file of a corpus.</summary>
/// <param name="path">Its path; <c>-</c> for the standard input.</param>
sealed class CorpusFile(string path)
{
    const string StandardInput = "-";

    static readonly Dictionary<string, CorpusFormat> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".txt"] = CorpusFormat.Lines,
        [".text"] = CorpusFormat.Lines,
        [".jsonl"] = CorpusFormat.Json,
        [".ndjson"] = CorpusFormat.Json,
        [".json"] = CorpusFormat.Json,
        [".csv"] = CorpusFormat.Csv,
        [".tsv"] = CorpusFormat.Tsv,
        [".tab"] = CorpusFormat.Tsv,
        [".parquet"] = CorpusFormat.Parquet,
        [".conll"] = CorpusFormat.Conll,
        [".iob"] = CorpusFormat.Conll,
        [".iob2"] = CorpusFormat.Conll,
        [".bio"] = CorpusFormat.Conll,
    };

    long rows = -1;

    /// <summary>What messages call it.</summary>
    public string Name { get; } = path == StandardInput ? "standard input" : path;

    /// <summary>How many rows it has, once it was read to its end; until then null.</summary>
    public long? Rows
    {
        get => Interlocked.Read(ref rows) is >= 0 and var known ? known : null;
        set => Interlocked.Exchange(ref rows, value!.Value);
    }

    /// <summary>The format that a file's extension names; null where it names none.</summary>
    public static CorpusFormat? FormatOf(string path) =>
        Formats.TryGetValue(Path.GetExtension(Decompression.Inner(path)), out var format) ? format : null;

    /// <summary>A reader at the first row.</summary>
    public RecordReader Read(CorpusOptions options, IReadOnlyList<Column> columns)
    {
        var format = options.Format ?? FormatOf(path) ?? CorpusFormat.Lines;
        format = format is CorpusFormat.Lines or CorpusFormat.Tsv && columns[0].Role == ColumnRole.Words ? CorpusFormat.Conll : format;
        var header = options.Header ?? (format == CorpusFormat.Csv || columns.Any(column => column is { Name: not null, Number: < 0 }));
        var plain = columns is [{ Role: ColumnRole.Text, Name: null }];
        return format switch
        {
            CorpusFormat.Parquet => new ParquetRecords(path == StandardInput ? SpooledInput.StandardInput.Path : path, Name, columns),
            CorpusFormat.Json when BeginsArray() => new JsonArrayRecords(OpenText(), Name, columns),
            CorpusFormat.Json => new JsonLineRecords(OpenLines(), columns),
            CorpusFormat.Conll => new ConllRecords(OpenLines(), columns),
            CorpusFormat.Csv => new CsvRecords(OpenText(), Name, columns, header, options.Separator),
            CorpusFormat.Tsv when options.Quotes => new CsvRecords(OpenText(), Name, columns, header, '\t'),
            CorpusFormat.Lines when plain => new TextRecords(OpenLines()),
            _ => new TabRecords(OpenLines(), columns, header),         // labels in a file of lines stand before a tab
        };
    }

    /// <summary>The file's bytes, from the first.</summary>
    public FileStream OpenRaw() => path == StandardInput ? SpooledInput.StandardInput.Open()
        : new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    Stream OpenText() => Decompression.Open(OpenRaw(), path);

    LineBuffer OpenLines() => new(OpenText(), Name);

    bool BeginsArray()
    {
        using var text = new BufferedStream(OpenText());
        int first;
        do
        {
            first = text.ReadByte();
        }
        while (first is ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF);      // the last three are a byte order mark
        return first == '[';
    }
}
