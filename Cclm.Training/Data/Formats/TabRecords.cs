namespace Cclm.Training.Data;

/// <summary>Tab-separated values without quotation: a line is a row, and a field is all that stands between tabs.</summary>
/// <remarks>Without header and without a column named, a line is label&lt;TAB&gt;text, and further tabs belong to the text.</remarks>
sealed class TabRecords : LineRecords
{
    const byte Tab = (byte)'\t';

    readonly IReadOnlyList<Column> columns;
    readonly int[] places;                                      // of each column, from 0
    readonly int named;                                         // columns that the header names; 0 where there is none
    readonly bool labelAndText;
    Range[] parts = new Range[2];                               // of the current line; as many as are asked for once a line has them

    public TabRecords(LineBuffer lines, IReadOnlyList<Column> columns, bool header) : base(lines)
    {
        this.columns = columns;
        labelAndText = !header && columns.All(column => column.Name is null);
        if (header && ReadHeader() is { } line)
        {
            var names = line.Split('\t');
            (named, places) = (names.Length, TableColumns.Find($"'{lines.Name}'", columns, names, names.Length));
            return;
        }
        places = [.. columns.Select(Place)];

        int Place(Column column) => column.Name is not null ? column.Number
            : labelAndText ? (column.Role == ColumnRole.Label ? 0 : 1)
            : column.Role == ColumnRole.Label && columns.All(other => other.Number != 0) ? 0 : -1;
    }

    protected override bool Parse(ReadOnlySpan<byte> line, Span<Field> fields)
    {
        if (line.IsEmpty || line.Trim(" \t"u8).IsEmpty)
        {
            return false;
        }
        var count = labelAndText ? LabelAndText(line) : line.Count(Tab) + 1;
        if (named > 0 && count != named)
        {
            throw new InvalidDataException($"{Place} has {count} fields; the header names {named}. Correct the line, or say that fields are in quotation marks (--quotes).");
        }
        if (Array.FindIndex(places, place => place < 0 || place >= count) is >= 0 and var missing)
        {
            throw TableColumns.Missing(Place, columns[missing], count == 1 ? "one field" : $"fields 1 to {count}");
        }
        if (!labelAndText)
        {
            Cut(line);
        }
        for (var i = 0; i < places.Length; i++)
        {
            fields[i] = new(Utf8Text.Decode(Lines, line[parts[places[i]]]));
        }
        return true;
    }

    int LabelAndText(ReadOnlySpan<byte> line)
    {
        var tab = line.IndexOf(Tab);
        (parts[0], parts[1]) = (..Math.Max(tab, 0), (tab + 1)..);
        return tab >= 0 ? 2 : throw new InvalidDataException($"{Place} has no tab; expected label<TAB>text. Correct the line or take it out.");
    }

    /// <summary>Cuts a line that has all fields that are asked for, up to the last of them.</summary>
    void Cut(ReadOnlySpan<byte> line)
    {
        parts = parts.Length > places.Max() ? parts : new Range[places.Max() + 1];
        for (int i = 0, start = 0; i < parts.Length && start <= line.Length; i++)
        {
            var tab = line[start..].IndexOf(Tab);
            var end = tab < 0 ? line.Length : start + tab;
            (parts[i], start) = (start..end, end + 1);
        }
    }
}
