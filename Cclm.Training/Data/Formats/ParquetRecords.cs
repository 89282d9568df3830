using System.Text;
using ParquetSharp;

namespace Cclm.Training.Data;

/// <summary>An Apache Parquet file, read in small pieces whatever the size of its row groups; groups before the first row are not read.</summary>
/// <remarks>The reader is Apache Arrow's (ParquetSharp binds it): it need not hold a row group in memory, and no damaged file made it hang.</remarks>
sealed class ParquetRecords : RecordReader
{
    readonly string name;
    readonly ParquetFileReader reader;
    readonly int[] leaves;                                      // of each column
    readonly ParquetColumn[] current;                           // of each column, in the group that is read
    int group;                                                  // the next one
    long before, row, rows;                                     // rows of groups that are done; of the current one read, and in all

    /// <param name="path">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="columns">What is asked for.</param>
    public ParquetRecords(string path, string name, IReadOnlyList<Column> columns)
    {
        this.name = name;
        current = new ParquetColumn[columns.Count];
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnableBufferedStream();
        reader = Guarded(() => new ParquetFileReader(path, properties));
        leaves = [.. columns.Select(Leaf)];
    }

    public override long Position => before + row;

    public override string Place => $"'{name}', row {Position}";

    public override void Skip(long rows)
    {
        while (rows > 0 && NextGroup(rows, out var skipped))
        {
            rows -= skipped;
            for (; rows > 0 && row < this.rows; rows--)
            {
                ReadRow(default);
            }
        }
    }

    public override bool Read(Span<Field> fields)
    {
        if (!NextGroup(0, out _))
        {
            return false;
        }
        ReadRow(fields);
        return true;
    }

    void ReadRow(Span<Field> fields)
    {
        row++;
        for (var i = 0; i < current.Length; i++)
        {
            var column = current[i];
            var field = Guarded(column.Next);
            if (!fields.IsEmpty)
            {
                fields[i] = field;
            }
        }
    }

    /// <summary>Goes to the next group where the current one is done, past those that lie within the rows to skip; false at the end.</summary>
    bool NextGroup(long toSkip, out long skipped)
    {
        for (skipped = 0; row == rows;)
        {
            if (group == reader.FileMetaData.NumRowGroups)
            {
                return false;
            }
            (before, row) = (before + rows, 0);
            using var groupReader = Guarded(() => reader.RowGroup(group++));
            rows = groupReader.MetaData.NumRows;
            if (rows <= toSkip - skipped)
            {
                (skipped, row) = (skipped + rows, rows);
                continue;
            }
            for (var i = 0; i < current.Length; i++)
            {
                current[i]?.Dispose();
                current[i] = Guarded(() => ParquetColumn.Open(groupReader.Column(leaves[i]), $"'{name}'"));
            }
        }
        return true;
    }

    /// <summary>The leaf of a path. What writers put between a list and its elements (<c>list.element</c>) need not be written.</summary>
    int Leaf(Column column)
    {
        var schema = reader.FileMetaData.Schema;
        string[] paths = [.. Enumerable.Range(0, schema.NumColumns).Select(i => schema.Column(i).Path.ToDotString())];
        string[] spelled = [.. paths.Select(path => path.Replace(".list.element", "", StringComparison.Ordinal)
            .Replace(".list.item", "", StringComparison.Ordinal).Replace(".bag.array_element", "", StringComparison.Ordinal))];
        var wanted = column.Name ?? column.UsualName;
        var leaf = Math.Max(Array.IndexOf(paths, wanted), Array.IndexOf(spelled, wanted));
        return leaf >= 0 ? leaf : column.Name is null && column.Role == ColumnRole.Text && paths.Length == 1 ? 0
            : throw TableColumns.Missing($"'{name}'", column, TableColumns.Describe(spelled));
    }

    T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{Place} holds bytes that are no UTF-8; expected text. Write the column again as text.", e);
        }
        catch (Exception e) when (e is ParquetException or EndOfStreamException)
        {
            throw new InvalidDataException($"'{name}' can not be read as Parquet: {e.Message} Copy it again from where it came from.", e);
        }
    }

    public override void Dispose()
    {
        Array.ForEach(current, column => column?.Dispose());
        reader.Dispose();
    }
}
