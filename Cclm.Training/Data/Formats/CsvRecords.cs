using CsvHelper;

namespace Cclm.Training.Data;

/// <summary>Comma-separated values: a field in quotation marks may hold separators, line ends and (doubled) quotation marks.</summary>
sealed class CsvRecords : RecordReader
{
    readonly string name;
    readonly CsvReader reader;
    readonly IReadOnlyList<Column> columns;
    int[]? places;                      // of each column, from 0; known with the first row

    /// <param name="stream">The text; disposed with this.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="columns">What is asked for.</param>
    /// <param name="header">Whether the first row names the columns.</param>
    /// <param name="separator">Between fields.</param>
    public CsvRecords(Stream stream, string name, IReadOnlyList<Column> columns, bool header, char separator)
    {
        (this.name, this.columns) = (name, columns);
        reader = CsvReader.Create(stream, new()
        {
            Separator = separator,
            HasHeader = header,
            MalformedData = CsvMalformedDataHandling.Throw,
            FieldCountMismatch = CsvFieldCountHandling.Throw,
            MaxRecordSize = LineBuffer.MaxLine,
            TrackLineNumbers = true,
        });
        if (header && Guarded(() => reader.Headers) is { Count: > 0 } names)
        {
            places = TableColumns.Find($"'{name}'", columns, [.. names], names.Count);
        }
    }

    public override long Position => reader.RowNumber;

    public override string Place => $"'{name}', line {reader.LineNumber}";

    public override void Skip(long rows)
    {
        while (rows-- > 0 && Guarded(reader.Read))
        {
        }
    }

    public override bool Read(Span<Field> fields)
    {
        if (!Guarded(reader.Read))
        {
            return false;
        }
        places ??= TableColumns.Find($"'{name}'", columns, null, reader.FieldCount);
        for (var i = 0; i < places.Length; i++)
        {
            var value = reader.GetSpan(places[i]);
            reader.RawRecord.Overlaps(value, out var start);        // not where quotation marks were taken out of it
            fields[i] = new(Utf8Text.Decode(value, name, reader.LineNumber, reader.ByteOffset + start));
        }
        return true;
    }

    T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CsvFormatException e)
        {
            throw new InvalidDataException(
                $"'{name}': {e.Message} Correct the row, or name the separator (--separator).", e);
        }
    }

    public override void Dispose() => reader.Dispose();
}
