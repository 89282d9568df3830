using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;
using ZstdSharp;

namespace Cclm.Training.Data;

/// <summary>Reads compressed files as what they hold: gzip, Zstandard and Brotli, by extension, the former two also by how they begin.</summary>
static class Decompression
{
    static readonly string[] Extensions = [".gz", ".zst", ".br"];

    /// <summary>The path without the extension of a compression.</summary>
    public static string Inner(string path) => Extensions.Contains(Extension(path)) ? Path.ChangeExtension(path, null) : path;

    /// <summary>Whether a path is that of a file that is read as it is.</summary>
    public static bool IsPlain(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }
        using var stream = File.OpenRead(path);
        return !Extensions.Contains(Kind(stream, path));
    }

    /// <summary>What the bytes decompress to; themselves where they are not compressed.</summary>
    /// <param name="stream">A stream at its beginning, which can be seeked in; disposed with the result.</param>
    /// <param name="name">The file's name, for its extension and for messages.</param>
    public static Stream Open(Stream stream, string name)
    {
        var kind = Kind(stream, name);
        // Unlike the platform's stream, SharpZipLib's compares checksum and length, and tells when a file breaks off.
        return kind switch
        {
            ".gz" => new CheckedInput(new GZipInputStream(stream, 1 << 16), name, "gzip"),
            ".zst" => new CheckedInput(new DecompressionStream(stream, leaveOpen: false), name, "Zstandard"),
            ".br" => new CheckedInput(new BrotliInput(stream), name, "Brotli"),
            _ => stream,
        };
    }

    static string Extension(string path) => Path.GetExtension(path).ToLowerInvariant();

    static string Kind(Stream stream, string name)
    {
        Span<byte> magic = stackalloc byte[4];
        var known = magic[..stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        return known.StartsWith([(byte)0x1F, (byte)0x8B]) ? ".gz" : known.SequenceEqual([(byte)0x28, (byte)0xB5, (byte)0x2F, (byte)0xFD]) ? ".zst" : Extension(name);
    }

    /// <summary>Says of what file and of what compression damage is.</summary>
    sealed class CheckedInput(Stream stream, string name, string compression) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return stream.Read(buffer);
            }
            catch (Exception e) when (e is SharpZipBaseException or ZstdException or EndOfStreamException or InvalidDataException or IndexOutOfRangeException)
            {
                throw new InvalidDataException($"'{name}' can not be decompressed as {compression}: {e.Message} Copy it again from where it came from.", e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
