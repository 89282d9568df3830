using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>Writes rows to a stream, one after the other.</summary>
delegate void WriteVectors(Stream stream, IEnumerable<EmbeddedRow> rows, VectorTable table);

/// <summary>The formats that vectors are written in; the extension of a file's name chooses one.</summary>
/// <param name="HoldsText">Whether it holds identifiers and texts beside the numbers.</param>
/// <param name="Write">Writes it.</param>
sealed record VectorFormat(bool HoldsText, WriteVectors Write)
{
    static readonly Dictionary<string, VectorFormat> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".parquet"] = new(true, ParquetVectors.Write),
        [".jsonl"] = new(true, JsonVectors.Write),
        [".npy"] = new(false, (stream, rows, table) => NpyWriter.Write(stream, rows.Select(row => row.Vector), table.Rows, table.Width)),
    };

    /// <exception cref="ArgumentException">The name has another extension.</exception>
    public static VectorFormat Of(string file) => Formats.TryGetValue(Path.GetExtension(file), out var format) ? format
        : throw new ArgumentException($"'{file}' names no format that vectors are written in; expected a name that ends in {string.Join(" or ", Formats.Keys)}.");
}
