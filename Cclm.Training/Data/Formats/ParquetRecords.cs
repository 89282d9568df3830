using Parquet;
using Parquet.Schema;

namespace Cclm.Training.Data;

/// <summary>An Apache Parquet file, one row group at a time, of which the columns asked for are in memory. Groups before the first row are not read.</summary>
sealed class ParquetRecords : RecordReader
{
    readonly string name;
    readonly ParquetReader reader;
    readonly DataField[] leaves;                                // of each column
    readonly Field[][] values;                                  // [columns][rows of the group]
    int group, row, rows;
    long before;                                                // rows of groups that are done

    /// <param name="stream">The file, which can be seeked in; disposed with this.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="columns">What is asked for.</param>
    public ParquetRecords(Stream stream, string name, IReadOnlyList<Column> columns)
    {
        this.name = name;
        reader = Guarded(() => ParquetReader.CreateAsync(stream, new ParquetOptions { TreatByteArrayAsString = true }, leaveStreamOpen: false).GetAwaiter().GetResult());
        leaves = [.. columns.Select(column => ParquetFields.Find($"'{name}'", reader.Schema, column))];
        values = new Field[columns.Count][];
    }

    public override long Position => before + row;

    public override string Place => $"'{name}', row {Position}";

    public override void Skip(long rows)
    {
        while (rows > 0)
        {
            var left = this.rows - row;
            if (left > rows)
            {
                row += (int)rows;
                return;
            }
            (rows, row) = (rows - left, this.rows);
            if (group == reader.RowGroupCount)
            {
                return;
            }
            if (RowsOf(group) is var next && next <= rows)
            {
                (before, rows, group) = (before + next, rows - next, group + 1);
            }
            else
            {
                ReadGroup();
            }
        }
    }

    public override bool Read(Span<Field> fields)
    {
        while (row == rows)
        {
            if (group == reader.RowGroupCount)
            {
                return false;
            }
            ReadGroup();
        }
        for (var i = 0; i < values.Length; i++)
        {
            fields[i] = values[i][row];
        }
        row++;
        return true;
    }

    long RowsOf(int group) => reader.Metadata!.RowGroups[group].NumRows;

    void ReadGroup()
    {
        Guarded(() =>
        {
            using var groupReader = reader.OpenRowGroupReader(group);
            for (var i = 0; i < leaves.Length; i++)
            {
                values[i] = ParquetFields.Read(groupReader, leaves[i], $"'{name}'");
            }
            return 0;
        });
        (before, row, rows, group) = (before + rows, 0, checked((int)RowsOf(group)), group + 1);
    }

    T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (InvalidDataException or OutOfMemoryException))       // the library shows damage as whatever it runs into
        {
            throw new InvalidDataException($"'{name}' can not be read as Parquet: {e.Message} Copy it again from where it came from.", e);
        }
    }

    public override void Dispose() => reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
