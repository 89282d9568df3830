using System.Buffers;
using System.IO.Compression;

namespace Cclm.Training.Data;

/// <summary>Decompresses Brotli (RFC 7932). Unlike the platform's stream it does not take a file that breaks off for one that ends.</summary>
sealed class BrotliInput(Stream stream) : ReadOnlyStream
{
    readonly byte[] compressed = new byte[1 << 16];
    BrotliDecoder decoder;
    int begin, end;
    bool done;

    public override int Read(Span<byte> buffer)
    {
        while (!done && buffer.Length > 0)
        {
            var status = decoder.Decompress(compressed.AsSpan(begin, end - begin), buffer, out var consumed, out var written);
            begin += consumed;
            done = status == OperationStatus.Done;
            if (status == OperationStatus.InvalidData || (done && (begin < end || stream.ReadByte() >= 0)))
            {
                throw new InvalidDataException(done ? "there is more behind its end." : "its content is damaged.");
            }
            if (written > 0)
            {
                return written;
            }
            if (status == OperationStatus.NeedMoreData)
            {
                compressed.AsSpan(begin, end - begin).CopyTo(compressed);
                (begin, end) = (0, end - begin);
                var read = stream.Read(compressed, end, compressed.Length - end);
                end += read > 0 ? read : throw new EndOfStreamException("it breaks off.");
            }
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        decoder.Dispose();
        stream.Dispose();
        base.Dispose(disposing);
    }
}
