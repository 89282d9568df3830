namespace Cclm.Training.Data;

/// <summary>A stream of which no more is read than was allowed.</summary>
/// <param name="stream">What is read; disposed with this.</param>
/// <param name="exceeded">The error for reading on when nothing is left of the ration.</param>
sealed class RationedStream(Stream stream, Func<Exception> exceeded) : ReadOnlyStream
{
    /// <summary>The bytes that may still be read. The last read may go beyond them.</summary>
    public long Left { get; set; }

    public override int Read(Span<byte> buffer)
    {
        var read = Left > 0 ? stream.Read(buffer) : throw exceeded();
        Left -= read;
        return read;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        stream.Dispose();
        base.Dispose(disposing);
    }
}
