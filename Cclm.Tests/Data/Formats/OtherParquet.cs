using Cclm.Training.Data;
using Parquet;
using Parquet.Serialization;

namespace Cclm.Tests.Data;

/// <summary>Writes Parquet with a library of others (Parquet.Net), which shares no code with the one that reads.</summary>
static class OtherParquet
{
    sealed record Row(string label, string text);

    /// <summary>Columns <c>label</c> and <c>text</c>.</summary>
    public static void Write(string path, IEnumerable<LabelledText> rows, CompressionMethod compression = CompressionMethod.Snappy, int groupSize = 1000) =>
        Write(path, rows.Select(row => new Row(row.Label, row.Text)), compression, groupSize);

    public static void Write<T>(string path, IEnumerable<T> rows, CompressionMethod compression = CompressionMethod.Snappy, int groupSize = 1000)
    {
        using var file = File.Create(path);
        ParquetSerializer.SerializeAsync(rows, file, new ParquetOptions { CompressionMethod = compression, RowGroupSize = groupSize }).GetAwaiter().GetResult();
    }
}
