using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Cclm.Training.App;

/// <summary>How far a shard is.</summary>
/// <param name="Next">The number of the first row that is not done.</param>
/// <param name="Rows">Vectors there are.</param>
/// <param name="Cut">Texts that the model cut to its maximum length.</param>
/// <param name="Damaged">A file that is not as it was written, at which what is done ends; null where all are.</param>
sealed record PartsDone(long Next, long Rows, long Cut, string? Damaged = null);

/// <summary>
/// What is done of a shard: a folder of files, each of some thousand rows and written whole or not at all, so that a job that is killed goes
/// on after the last of them. A part is named by its first row, says where the next begins, and ends with its SHA-256: one that was damaged is made again.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="first">The shard's first row.</param>
sealed class VectorParts(string folder, long first)
{
    /// <summary>Adds the part that begins where <see cref="Done"/> ends.</summary>
    /// <param name="begin">The first row that it is of.</param>
    /// <param name="next">The first row that it is no more of.</param>
    /// <param name="cut">Texts that the model cut.</param>
    /// <param name="rows">The rows, of which some between may be left out.</param>
    /// <exception cref="IOException">It can not be written; what was there stays.</exception>
    public void Add(long begin, long next, int cut, IReadOnlyList<EmbeddedRow> rows) => AtomicFile.Write(FileOf(begin), stream =>
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
        using (var writer = new BinaryWriter(hashed, System.Text.Encoding.UTF8))
        {
            writer.Write(next);
            writer.Write(cut);
            writer.Write(rows.Count);
            foreach (var (number, id, text, vector) in rows)
            {
                writer.Write(number);
                WriteText(writer, id);
                WriteText(writer, text);
                writer.Write(vector.Length);
                writer.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
            }
        }
        stream.Write(hash.Hash);
    });

    /// <summary>What is there, part after part, up to one that is damaged.</summary>
    public PartsDone Done()
    {
        var done = new PartsDone(first, 0, 0);
        while (File.Exists(FileOf(done.Next)))
        {
            if (!IsWhole(FileOf(done.Next)))
            {
                return done with { Damaged = FileOf(done.Next) };
            }
            using var part = Open(done.Next);
            done = new(part.ReadInt64(), Cut: done.Cut + part.ReadInt32(), Rows: done.Rows + part.ReadInt32());
        }
        return done;
    }

    /// <summary>Streams all rows that are there, in order.</summary>
    public IEnumerable<EmbeddedRow> Read()
    {
        for (var begin = first; File.Exists(FileOf(begin));)
        {
            using var part = Open(begin);
            begin = part.ReadInt64();
            part.ReadInt32();
            for (var rows = part.ReadInt32(); rows > 0; rows--)
            {
                yield return new(part.ReadInt64(), ReadText(part), ReadText(part), ReadVector(part));
            }
        }
    }

    string FileOf(long begin) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{begin:D12}.part"));

    BinaryReader Open(long begin) => new(new FileStream(FileOf(begin), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16));

    /// <summary>Whether a part's bytes, some megabytes, have the hash behind them.</summary>
    static bool IsWhole(string file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        return bytes.Length >= SHA256.HashSizeInBytes && SHA256.HashData(bytes[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]);
    }

    static void WriteText(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        writer.Write(text ?? "");
    }

    static string? ReadText(BinaryReader part)
    {
        var isThere = part.ReadBoolean();
        var text = part.ReadString();
        return isThere ? text : null;
    }

    static float[] ReadVector(BinaryReader part)
    {
        var vector = new float[part.ReadInt32()];
        part.BaseStream.ReadExactly(MemoryMarshal.AsBytes(vector.AsSpan()));
        return vector;
    }
}
