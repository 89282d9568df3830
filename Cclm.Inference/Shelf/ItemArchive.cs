using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;

namespace Cclm.Inference;

/// <summary>Items as <c>.tar.gz</c> files. Packing is deterministic; unpacking trusts nothing.</summary>
public static class ItemArchive
{
    /// <summary>Packs a folder. The same content gives the same bytes on one platform and runtime: names sorted, no times, no owners.</summary>
    /// <exception cref="InvalidDataException">A file's name could not be unpacked everywhere.</exception>
    public static void Pack(string folder, string archive) => AtomicFile.Write(archive, stream =>
    {
        using var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        var names = new EntryNames();
        foreach (var (file, name) in Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => (file, Path.GetRelativePath(folder, file).Replace('\\', '/'))).OrderBy(pair => pair.Item2, StringComparer.Ordinal))
        {
            if (names.Problem(name, isFolder: false) is { } problem)
            {
                throw new InvalidDataException($"'{folder}' has the file '{name}', {problem}");
            }
            using var content = File.OpenRead(file);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = content,
                ModificationTime = DateTimeOffset.UnixEpoch,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            });
        }
    });

    /// <summary>Unpacks to a new folder, whole or not at all.</summary>
    /// <param name="archive">The file.</param>
    /// <param name="folder">It must not be there yet; it is deleted again when anything fails.</param>
    /// <param name="limits">When to take it for a bomb.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidDataException">It is no archive, damaged, cut short, or has what an item may not have; the message says which.</exception>
    public static void Unpack(string archive, string folder, ArchiveLimits? limits = null, CancellationToken cancellation = default)
    {
        if (Path.Exists(folder))
        {
            throw new IOException($"'{folder}' is there already; expected a new folder to unpack '{archive}' to.");
        }
        Directory.CreateDirectory(folder);
        try
        {
            using var file = File.OpenRead(archive);
            Unpack(file, folder, limits ?? new(), cancellation);
        }
        catch (Exception e)
        {
            Directory.Delete(folder, recursive: true);
            // The end of a stream is the archive's fault, any other IOException the disk's; the rest is what TarReader makes of nonsense in a header.
            if (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException)
            {
                throw new InvalidDataException($"'{archive}' is refused: {e.Message} Nothing of it was kept. Fetch it again, or ask whoever published it.", e);
            }
            throw;
        }
    }

    static void Unpack(FileStream packed, string folder, ArchiveLimits limits, CancellationToken cancellation)
    {
        CheckBeginning(packed, limits);
        using var gzip = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true);
        using var guard = new TarGuard(gzip, packed, limits, cancellation);
        using var tar = new TarReader(guard);
        var (names, count) = (new EntryNames(), 0);
        while (tar.GetNextEntry() is { } entry)
        {
            if (++count > limits.MaxEntries)
            {
                throw new InvalidDataException($"It has more than the {limits.MaxEntries} entries that are allowed.");
            }
            Extract(entry, folder, names);
        }
        guard.ReadToEnd();
        CheckEnd(packed, guard.Total);
    }

    static void Extract(TarEntry entry, string folder, EntryNames names)
    {
        var isFolder = entry.EntryType == TarEntryType.Directory;
        var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;    // as 'tar -c .' writes it
        name = isFolder ? name.TrimEnd('/') : name;
        if (isFolder && name is "" or ".")
        {
            return;
        }
        if (names.Problem(name, isFolder) is { } problem)
        {
            throw new InvalidDataException($"It has the entry '{entry.Name}', {problem}");
        }
        if (isFolder)
        {
            return;         // folders are made for the files in them
        }
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        entry.DataStream?.CopyTo(file);
        file.Flush(flushToDisk: true);
    }

    static void CheckBeginning(FileStream packed, ArchiveLimits limits)
    {
        if (packed.Length > limits.MaxBytes)
        {
            throw new InvalidDataException($"It has {packed.Length:N0} bytes; {limits.MaxBytes:N0} are allowed.");
        }
        Span<byte> beginning = stackalloc byte[LfsPointer.Length];
        var read = packed.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        if (beginning[..read].SequenceEqual(LfsPointer))
        {
            throw new InvalidDataException("It is a Git LFS pointer, not the file that it points to. Give the address where the host serves the content, or fetch with 'git+' before the repository's address.");
        }
        if (read < 2 || !beginning[..2].SequenceEqual(GzipMagic))
        {
            throw new InvalidDataException($"It is no gzip file: {read} bytes were found that begin with {Convert.ToHexStringLower(beginning[..Math.Min(read, 8)])}.");
        }
        packed.Position = 0;
    }

    /// <summary>GZipStream takes a file that was cut, or has something behind its end, for a whole one; the length in the last four bytes tells (RFC 1952, ISIZE).</summary>
    static void CheckEnd(FileStream packed, long total)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        packed.Seek(-length.Length, SeekOrigin.End);
        packed.ReadExactly(length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) != (uint)total)
        {
            throw new InvalidDataException("It was cut short, or something follows its end.");
        }
    }

    static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    static ReadOnlySpan<byte> LfsPointer => "version https://git-lfs"u8;
}
