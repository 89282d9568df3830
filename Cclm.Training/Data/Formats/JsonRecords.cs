using System.Text.Json;
using System.Text.Unicode;

namespace Cclm.Training.Data;

/// <summary>JSON Lines: an object a line.</summary>
sealed class JsonLineRecords(LineBuffer lines, IReadOnlyList<Column> columns) : LineRecords(lines)
{
    protected override bool Parse(ReadOnlySpan<byte> line, Span<Field> fields)
    {
        if (line.Trim(" \t"u8).IsEmpty)
        {
            return false;
        }
        if (!Utf8.IsValid(line))
        {
            Utf8Text.Decode(Lines, line);                       // says where
        }
        try
        {
            var json = new Utf8JsonReader(line);
            using var row = JsonDocument.ParseValue(ref json);
            JsonFields.Read(row.RootElement, columns, fields, this);
            return json.BytesConsumed == line.TrimEnd(" \t"u8).Length ? true : throw new JsonException("there is more after the object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)      // the latter for half a surrogate pair: "\ud800"
        {
            throw new InvalidDataException($"{Place} is not valid JSON: {e.Message} Expected one object a line, or one array of objects.", e);
        }
    }
}

/// <summary>One JSON array, an object a row, read element by element.</summary>
sealed class JsonArrayRecords : RecordReader
{
    readonly RationedStream stream;
    readonly string name;
    readonly IReadOnlyList<Column> columns;
    readonly IEnumerator<JsonElement> rows;
    long position;

    public JsonArrayRecords(Stream stream, string name, IReadOnlyList<Column> columns)
    {
        (this.name, this.columns) = (name, columns);
        this.stream = new(stream, () => new InvalidDataException(
            $"'{name}', row {position + 1} is longer than {LineBuffer.MaxLine:N0} bytes; expected an array of objects that hold texts. Break it into rows."));
        rows = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(this.stream).ToBlockingEnumerable().GetEnumerator();
    }

    public override long Position => position;

    public override string Place => $"'{name}', row {position}";

    public override void Skip(long rows)
    {
        while (rows-- > 0 && MoveNext())
        {
        }
    }

    public override bool Read(Span<Field> fields)
    {
        if (!MoveNext())
        {
            return false;
        }
        try
        {
            JsonFields.Read(rows.Current, columns, fields, this);
            return true;
        }
        catch (InvalidOperationException e)                     // bytes that are no UTF-8, or half a surrogate pair
        {
            throw new InvalidDataException($"{Place} holds text that is no Unicode: {e.Message} Convert the file to UTF-8.", e);
        }
    }

    bool MoveNext()
    {
        stream.Left = LineBuffer.MaxLine;                       // the reader reads on only where it lacks the end of a row
        try
        {
            if (rows.MoveNext())
            {
                position++;
                return true;
            }
            return false;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}', after row {position}, is not valid JSON: {e.Message} Expected one array of objects, or one object a line.", e);
        }
    }

    public override void Dispose()
    {
        rows.Dispose();
        stream.Dispose();
    }
}
