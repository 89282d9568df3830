namespace Cclm.Training.Data;

/// <summary>Sentences with a token a line in columns, apart by blank lines; <c>-DOCSTART-</c> lines are no tokens.</summary>
/// <remarks>Columns are apart by tabs, or by spaces in a line without tabs. Tokens are the first column and tags the last where nobody says otherwise.</remarks>
sealed class ConllRecords(LineBuffer lines, IReadOnlyList<Column> columns) : RecordReader
{
    const int MaxTokens = 1_000_000;            // without a blank line: some other file, not a sentence

    readonly List<string>[] found = [.. columns.Select(_ => new List<string>())];
    long position, start;

    public override long Position => position;

    public override string Place => $"'{lines.Name}', line {start}";

    public override void Skip(long rows)
    {
        while (rows > 0 && Advance(keep: false))
        {
            rows--;
        }
    }

    public override bool Read(Span<Field> fields)
    {
        if (!Advance(keep: true))
        {
            return false;
        }
        for (var i = 0; i < found.Length; i++)
        {
            fields[i] = new(null, [.. found[i]]);
        }
        return true;
    }

    bool Advance(bool keep)
    {
        var tokens = 0;
        Array.ForEach(found, list => list.Clear());
        while (lines.MoveNext())
        {
            var line = Utf8Text.Trim(lines);
            if (line.Trim(" \t"u8).IsEmpty)
            {
                if (tokens > 0)
                {
                    break;
                }
            }
            else if (!line.StartsWith("-DOCSTART-"u8))
            {
                start = tokens++ == 0 ? lines.Number : start;
                if (keep)
                {
                    Add(Utf8Text.Decode(lines, line));
                }
                if (tokens > MaxTokens)
                {
                    throw new InvalidDataException($"'{lines.Name}' has no blank line in {MaxTokens:N0} lines from line {start} on; expected one after each sentence.");
                }
            }
        }
        position += tokens > 0 ? 1 : 0;
        return tokens > 0;
    }

    void Add(string line)
    {
        var parts = line.Contains('\t', StringComparison.Ordinal) ? line.Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < found.Length; i++)
        {
            var column = columns[i];
            var place = column.Name is not null ? column.Number : column.Role == ColumnRole.Tags ? Math.Max(1, parts.Length - 1) : 0;
            found[i].Add(place >= 0 && place < parts.Length ? parts[place] : throw new InvalidDataException(
                $"'{lines.Name}', line {lines.Number} has {parts.Length} columns; expected {column.Role.ToString().ToLowerInvariant()} in column " +
                $"{(column.Name is null || place >= 0 ? place + 1 : column.Name)}. Choose a column by its number with {column.Option}."));
        }
    }

    public override void Dispose() => lines.Dispose();
}
