namespace Cclm.Training.Data;

/// <summary>Cuts UTF-8 text into lines at LF, and knows where each begins.</summary>
/// <param name="stream">The text; disposed with this.</param>
/// <param name="name">What messages call it.</param>
sealed class LineBuffer(Stream stream, string name) : IDisposable
{
    /// <summary>Of a line, in bytes. What is longer is no text for a model, and memory stays small whatever is read.</summary>
    public const int MaxLine = 1 << 26;

    const byte LineFeed = (byte)'\n';

    byte[] bytes = new byte[1 << 16];   // bytes[begin..end] is read and not yet cut off
    long offset;                        // of bytes[0] in the text
    int begin, end, length, next;

    /// <summary>What messages call the text.</summary>
    public string Name => name;

    /// <summary>The current line without its LF; valid until the next call.</summary>
    public ReadOnlySpan<byte> Line => bytes.AsSpan(begin, length);

    /// <summary>The current line's number, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Where the current line begins, in bytes.</summary>
    public long Offset => offset + begin;

    /// <summary>Goes to the next line; false where no byte follows the last LF.</summary>
    public bool MoveNext()
    {
        begin = next;
        for (length = 0; ;)
        {
            var lineFeed = bytes.AsSpan(begin + length, end - begin - length).IndexOf(LineFeed);
            if (lineFeed >= 0)
            {
                length += lineFeed;
                next = begin + length + 1;
                break;
            }
            length = end - begin;
            if (!Fill())
            {
                next = end;
                if (length == 0)
                {
                    return false;
                }
                break;
            }
        }
        Number++;
        return true;
    }

    /// <summary>Passes over lines, counting nothing but their ends; stops at the end of the text.</summary>
    public void Skip(long lines)
    {
        for (var within = false; lines > 0;)
        {
            var rest = bytes.AsSpan(next, end - next);
            var feeds = rest.Count(LineFeed);
            if (feeds >= lines)
            {
                for (Number += lines; lines > 0; lines--)
                {
                    next += bytes.AsSpan(next, end - next).IndexOf(LineFeed) + 1;
                }
                return;
            }
            (lines, Number, within) = (lines - feeds, Number + feeds, rest.Length > 0 ? rest[^1] != LineFeed : within);
            begin = end;
            var more = Fill();
            next = begin;
            if (!more)
            {
                Number += within ? 1 : 0;
                return;
            }
        }
    }

    /// <summary>Reads more behind the current line's bytes, which move to the front; false at the end.</summary>
    bool Fill()
    {
        if (begin > 0)
        {
            bytes.AsSpan(begin, end - begin).CopyTo(bytes);
            (offset, begin, end) = (offset + begin, 0, end - begin);
        }
        else if (end == bytes.Length)
        {
            Array.Resize(ref bytes, end < MaxLine ? end * 2 : throw new InvalidDataException(
                $"'{name}', line {Number + 1} is longer than {MaxLine:N0} bytes; expected lines of text. Break it into lines, or name the format it is in."));
        }
        var read = stream.Read(bytes, end, bytes.Length - end);
        end += read;
        return read > 0;
    }

    public void Dispose() => stream.Dispose();
}
