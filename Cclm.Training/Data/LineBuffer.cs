namespace Cclm.Training.Data;

/// <summary>Cuts a file into lines at LF, and knows where each begins.</summary>
sealed class LineBuffer(string path) : IDisposable
{
    const int MaxLine = 1 << 30;        // bytes; a string holds no more

    readonly FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    byte[] bytes = new byte[1 << 16];   // bytes[begin..end] is read and not yet cut off
    long offset;                        // of bytes[0] in the file
    int begin, end, length, next;
    bool ended;

    /// <summary>The current line without its LF; valid until the next call of <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Line => bytes.AsSpan(begin, length);

    /// <summary>The current line's number, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Where the current line begins in the file, in bytes.</summary>
    public long Offset => offset + begin;

    /// <summary>Goes to the next line; what follows the last LF, if only nothing, is one too.</summary>
    public bool MoveNext()
    {
        begin = next;
        if (ended)
        {
            return false;
        }
        Number++;
        for (length = 0; ;)
        {
            var lineFeed = bytes.AsSpan(begin + length, end - begin - length).IndexOf((byte)'\n');
            if (lineFeed >= 0)
            {
                length += lineFeed;
                next = begin + length + 1;
                return true;
            }
            length = end - begin;
            ended = !Fill();
            if (ended)
            {
                next = end;
                return true;
            }
        }
    }

    /// <summary>Reads more behind the current line's bytes, which move to the front; false at the end of the file.</summary>
    bool Fill()
    {
        if (begin > 0)
        {
            bytes.AsSpan(begin, end - begin).CopyTo(bytes);
            (offset, begin, end) = (offset + begin, 0, end - begin);
        }
        else if (end == bytes.Length)
        {
            Array.Resize(ref bytes, end < MaxLine ? end * 2
                : throw new InvalidDataException($"'{path}', line {Number} is longer than {MaxLine} bytes; expected lines of text. Break it into lines."));
        }
        var read = file.Read(bytes, end, bytes.Length - end);
        end += read;
        return read > 0;
    }

    public void Dispose() => file.Dispose();
}
