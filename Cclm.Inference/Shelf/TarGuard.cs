using System.Text;

namespace Cclm.Inference;

/// <summary>A tar stream on its way to <see cref="System.Formats.Tar.TarReader"/>, which refuses what could cost memory or disk before the reader sees it.</summary>
/// <remarks>
/// The reader takes a header's word for how long an extended header is, and allocates that much (up to 2 GB); it follows extended
/// headers that change a size, and takes an archive without an end for a whole one. So the headers are looked at here, 512 bytes at
/// a time (POSIX pax, "ustar Interchange Format"), and whatever is no file, no folder and no short extended header is an error.
/// </remarks>
sealed class TarGuard(Stream tar, Stream packed, ArchiveLimits limits, CancellationToken cancellation) : Stream
{
    const int Block = 512, MaxExtended = 8 * Block;
    const int SizeAt = 124, SizeLength = 12, SumAt = 148, SumLength = 8, TypeAt = 156;

    ReadOnlyMemory<byte> headers;       // read ahead, to be given next
    long data;                          // then this many bytes of a file and its padding
    bool ended;

    /// <summary>Unpacked bytes until now.</summary>
    public long Total { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }
        if (headers.IsEmpty && data == 0 && !ended)
        {
            ReadHeaders();
        }
        if (!headers.IsEmpty)
        {
            var given = Math.Min(buffer.Length, headers.Length);
            headers.Span[..given].CopyTo(buffer);
            headers = headers[given..];
            return given;
        }
        var read = Take(ended ? buffer : buffer[..(int)Math.Min(buffer.Length, data)]);
        if (ended && buffer[..read].ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException("It goes on behind its end.");
        }
        if (!ended && read == 0)
        {
            throw new InvalidDataException("It was cut short inside a file.");
        }
        data -= ended ? 0 : read;
        return read;
    }

    /// <summary>Reads on to the end of the stream, where nothing but zeros may be left.</summary>
    public void ReadToEnd()
    {
        var rest = new byte[16 * Block];
        while (Read(rest) > 0)
        {
        }
    }

    void ReadHeaders()
    {
        var header = TakeBlocks(Block);
        if (!header.AsSpan().ContainsAnyExcept((byte)0))
        {
            (headers, ended) = (header, true);
            return;
        }
        CheckSum(header);
        var size = Octal(header.AsSpan(SizeAt, SizeLength));
        switch ((char)header[TypeAt])
        {
            case '0' or '\0':
                (headers, data) = (header, Padded(size));
                break;
            case '5' when size == 0:
                headers = header;
                break;
            case 'x' when size <= MaxExtended:
                var extended = TakeBlocks((int)Padded(size));
                if (Encoding.Latin1.GetString(extended) is var text && (text.Contains("size=", StringComparison.Ordinal) || text.Contains("GNU.", StringComparison.Ordinal)))
                {
                    throw new InvalidDataException("An extended header in it changes a file's size or layout.");
                }
                headers = (byte[])[.. header, .. extended];
                break;
            default:
                throw new InvalidDataException($"It has an entry of type '{Printable(header[TypeAt])}' and {size} bytes (a link, a device, or a long header); expected files and folders alone.");
        }
    }

    /// <summary>The reader does not look at a header's sum: that of its bytes, those of the sum being spaces.</summary>
    static void CheckSum(byte[] header)
    {
        long sum = SumLength * ' ';
        foreach (var value in (ReadOnlySpan<byte>)[.. header.AsSpan(0, SumAt), .. header.AsSpan(SumAt + SumLength)])
        {
            sum += value;
        }
        if (sum != Octal(header.AsSpan(SumAt, SumLength)))
        {
            throw new InvalidDataException("A header in it is damaged: its checksum is wrong.");
        }
    }

    static long Octal(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            number = digit is >= (byte)'0' and <= (byte)'7' ? number * 8 + digit - '0' : throw new InvalidDataException("A size in it is no octal number.");
        }
        return number;
    }

    byte[] TakeBlocks(int count)
    {
        var blocks = new byte[count];
        for (var done = 0; done < count;)
        {
            done += Take(blocks.AsSpan(done)) is var read and > 0 ? read : throw new InvalidDataException("It was cut short: its end is missing.");
        }
        return blocks;
    }

    int Take(Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        var read = tar.Read(buffer);
        Total += read;
        if (Total > limits.MaxBytes)
        {
            throw new InvalidDataException($"It unpacks to more than the {limits.MaxBytes:N0} bytes that are allowed.");
        }
        if (Total > ArchiveLimits.FreeBytes && Total / limits.MaxRatio > packed.Position)
        {
            throw new InvalidDataException($"It unpacks to {Total:N0} bytes and more from {packed.Position:N0}: beyond the ratio of {limits.MaxRatio} that is allowed.");
        }
        return read;
    }

    static long Padded(long size) => (size + Block - 1) / Block * Block;

    static string Printable(byte type) => type is > 32 and < 127 ? $"{(char)type}" : $"0x{type:x2}";

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
