using ParquetSharp;

namespace Cclm.Training.App;

/// <summary>Vectors as Apache Parquet: <c>row</c> (int64), <c>id</c> and <c>text</c> (strings, where asked for), <c>embedding</c> (a list of float32).</summary>
static class ParquetVectors
{
    const int RowsOfGroup = 1 << 16, NumbersOfGroup = 1 << 22;          // a group is in memory while it is written: 16 MB of numbers

    /// <exception cref="IOException">The stream can not be written to, for example because the disk is full.</exception>
    public static void Write(Stream stream, IEnumerable<EmbeddedRow> rows, VectorTable table)
    {
        List<Column> columns = [new Column<long>("row")];
        if (table.HasIds)
        {
            columns.Add(new Column<string>("id"));
        }
        if (table.HasTexts)
        {
            columns.Add(new Column<string>("text"));
        }
        columns.Add(new Column<float[]>("embedding"));
        try
        {
            using var properties = Properties();
            using var file = new ParquetFileWriter(stream, [.. columns], logicalTypeFactory: null, properties, keyValueMetadata: null, leaveOpen: true);
            foreach (var group in Groups(rows))
            {
                WriteGroup(file, group, table);
            }
            file.Close();
        }
        catch (ParquetException e)
        {
            throw new IOException($"The Parquet file can not be written: {e.Message}", e);
        }
    }

    /// <summary>Numbers of vectors hardly repeat, and do not become smaller: they are written as they are.</summary>
    static WriterProperties Properties()
    {
        using var builder = new WriterPropertiesBuilder();
        return builder.Compression(Compression.Zstd).Compression("embedding.list.item", Compression.Uncompressed).DisableDictionary("embedding.list.item").Build();
    }

    static IEnumerable<List<EmbeddedRow>> Groups(IEnumerable<EmbeddedRow> rows)
    {
        var (group, numbers) = (new List<EmbeddedRow>(), 0L);
        foreach (var row in rows)
        {
            group.Add(row);
            numbers += row.Vector.Length + (row.Text?.Length ?? 0);
            if (group.Count == RowsOfGroup || numbers >= NumbersOfGroup)
            {
                yield return group;
                (group, numbers) = ([], 0);
            }
        }
        if (group.Count > 0)
        {
            yield return group;
        }
    }

    static void WriteGroup(ParquetFileWriter file, List<EmbeddedRow> rows, VectorTable table)
    {
        using var group = file.AppendRowGroup();
        WriteColumn(row => row.Number);
        if (table.HasIds)
        {
            WriteColumn(row => row.Id);
        }
        if (table.HasTexts)
        {
            WriteColumn(row => row.Text);
        }
        WriteColumn(row => row.Vector);

        void WriteColumn<T>(Converter<EmbeddedRow, T> value)
        {
            using var column = group.NextColumn().LogicalWriter<T>();
            column.WriteBatch([.. rows.ConvertAll(value)]);
        }
    }
}
