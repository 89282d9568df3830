namespace Cclm.Training.Data;

/// <summary>Rows that are lines: they are skipped by counting line ends.</summary>
abstract class LineRecords(LineBuffer lines) : RecordReader
{
    long header;                        // lines before the first row

    protected LineBuffer Lines => lines;

    public override long Position => lines.Number - header;

    public override string Place => $"'{lines.Name}', line {lines.Number}";

    public override void Skip(long rows) => lines.Skip(rows);

    public override bool Read(Span<Field> fields)
    {
        while (lines.MoveNext())
        {
            if (Parse(Utf8Text.Trim(lines), fields))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Reads a line; false where it is blank.</summary>
    protected abstract bool Parse(ReadOnlySpan<byte> line, Span<Field> fields);

    /// <summary>The first line that is not blank, which is then no row; null where there is none.</summary>
    protected string? ReadHeader()
    {
        while (lines.MoveNext())
        {
            if (Utf8Text.Decode(lines, Utf8Text.Trim(lines)) is var line && !string.IsNullOrWhiteSpace(line))
            {
                header = lines.Number;
                return line;
            }
        }
        return null;
    }

    public override void Dispose() => lines.Dispose();
}

/// <summary>One text a line.</summary>
sealed class TextRecords(LineBuffer lines) : LineRecords(lines)
{
    protected override bool Parse(ReadOnlySpan<byte> line, Span<Field> fields)
    {
        fields[0] = new(Utf8Text.Decode(Lines, line));
        return true;
    }
}
