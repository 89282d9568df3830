using System.Security.Cryptography;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>Makes a row of a record's fields; null leaves the record out.</summary>
delegate T? MakeRow<T>(ReadOnlySpan<Field> fields, RecordReader reader) where T : class;

/// <summary>The rows of several files, one file after the other. How many a file has is remembered when it was read once.</summary>
/// <param name="files">The files, in order.</param>
/// <param name="options">How they are read.</param>
/// <param name="columns">What is read of them.</param>
/// <param name="make">Makes a row.</param>
sealed class FileRows<T>(IReadOnlyList<CorpusFile> files, CorpusOptions options, IReadOnlyList<Column> columns, MakeRow<T> make) : RowSource<T> where T : class
{
    /// <summary>The files, in order.</summary>
    public IReadOnlyList<CorpusFile> Files => files;

    /// <summary>How many rows the files have, each of which is passed over once: the number after the last row's. Rows that are left out count.</summary>
    /// <exception cref="InvalidDataException">There are none, or they can not be read.</exception>
    public long Count(CancellationToken cancellation)
    {
        foreach (var file in files.Where(file => file.Rows is null))
        {
            cancellation.ThrowIfCancellationRequested();
            using var reader = file.Read(options, columns);
            reader.Skip(long.MaxValue);
            file.Rows = reader.Position;
        }
        return files.Sum(file => file.Rows!.Value) is > 0 and var rows ? rows : throw NoRows("no content");
    }

    public override RowSource<T> InEpoch(int seed, int epoch) => files.Count == 1 ? this
        : new FileRows<T>([.. files.Select((file, i) => (file, i)).OrderBy(item => Draw(seed, epoch, item.i)).Select(item => item.file)], options, columns, make);

    public override IEnumerable<(long Number, T Row)> Read(long from)
    {
        var fields = new Field[columns.Count];
        var (first, any) = (0L, from > 0);                      // first: the number of a file's first row
        foreach (var file in files)
        {
            if (file.Rows is { } rows && first + rows <= from)
            {
                first += rows;
                continue;
            }
            using var reader = file.Read(options, columns);
            reader.Skip(Math.Max(0, from - first));
            while (reader.Read(fields))
            {
                if (make(fields, reader) is { } row)
                {
                    any = true;
                    yield return (first + reader.Position - 1, row);
                }
            }
            file.Rows = reader.Position;
            first += reader.Position;
        }
        if (!any)
        {
            throw NoRows(first == 0 ? "no content" : "only blank lines");
        }
    }

    InvalidDataException NoRows(string found) =>
        new($"'{files[0].Name}'{(files.Count > 1 ? $" and {files.Count - 1:N0} more" : "")} has {found}; expected lines of text in UTF-8.");

    /// <summary>A number by which a file is put in order: chance, but the same wherever it is drawn.</summary>
    static UInt128 Draw(int seed, int epoch, int file) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"{seed} {epoch} {file}")));
}
