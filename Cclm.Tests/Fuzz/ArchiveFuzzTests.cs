using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Fuzz;

[Parallelizable]
public sealed class ArchiveFuzzTests
{
    const int Block = 512;

    [Test]
    public void TheReaderTakesOrRefusesAndWritesNowhereElse()
    {
        using var folder = new TempFolder(Fuzzing.Disk);
        var (archive, target) = (folder["box/in.tar.gz"], folder["box/out"]);
        var mutator = new Mutator(3, [Tar(TarEntryFormat.Ustar), Tar(TarEntryFormat.Pax), Tar(TarEntryFormat.V7), Tar(TarEntryFormat.Gnu)],
            "../", "/etc/passwd", "..\\", "CON", "component.json", "ustar\0", "ustar  \0", "\0", "size=9", "path=../x\n", "77777777777", "\u0080", "2", "x", "L", "g");
        var turn = 0;
        Fuzzing.Run("archive", () => (turn++ % 4) switch
        {
            0 => Flip(Gzip(mutator.Next()), turn),      // what zlib sees
            1 => Gzip(mutator.Next()),
            _ => Gzip(WithChecksums(mutator.Next())),   // what lies behind the checksums
        }, bytes =>
        {
            File.WriteAllBytes(archive, bytes);
            var taken = Unpack(archive, target);
            Assert.That(Directory.GetFileSystemEntries(folder.Path).Concat(Directory.GetFileSystemEntries(folder["box"])).Count(), Is.EqualTo(2), "Something was left, in the target or beside it.");
            return taken;
        }, length => 1_000_000 + 100L * length);
    }

    static bool Unpack(string archive, string target)
    {
        try
        {
            ItemArchive.Unpack(archive, target);
            Directory.Delete(target, recursive: true);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    static byte[] Tar(TarEntryFormat format)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, format, leaveOpen: true))
        {
            foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("component.json", "{}"), ("inner/file.txt", new string('x', 600)), ("empty", "")])
            {
                TarEntryType file = format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile;
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(file, name),
                    TarEntryFormat.Pax => new PaxTarEntry(file, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(file, name),
                    _ => new V7TarEntry(file, name),
                };
                entry.DataStream = new MemoryStream(Encoding.ASCII.GetBytes(text));
                writer.WriteEntry(entry);
            }
        }
        return tar.ToArray();
    }

    /// <summary>Sets the sum of every block that might be a header (POSIX pax, "ustar Interchange Format").</summary>
    static byte[] WithChecksums(byte[] tar)
    {
        byte[] changed = [.. tar];
        for (var at = 0; at + Block <= changed.Length; at += Block)
        {
            var header = changed.AsSpan(at, Block);
            if (header.ContainsAnyExcept((byte)0) && header[..8].ContainsAnyExcept((byte)'x'))
            {
                header.Slice(148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var value in header)
                {
                    sum += value;
                }
                Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0").CopyTo(header[148..]);
            }
        }
        return changed;
    }

    static byte[] Flip(byte[] bytes, int turn)
    {
        if (bytes.Length > 0)       // nothing packs to nothing
        {
            bytes[turn % bytes.Length] ^= (byte)(1 << turn % 8);
        }
        return bytes;
    }

    static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }
}
