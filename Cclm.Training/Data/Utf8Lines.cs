using System.Text;

namespace Cclm.Training.Data;

/// <summary>The lines of a UTF-8 file, strictly: bytes that are no UTF-8 are an error with their place, never a U+FFFD in the data.</summary>
static class Utf8Lines
{
    const int MaxLine = 1 << 30;        // bytes; a string holds no more
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Streams the lines that hold more than white space, with their numbers from 1.</summary>
    /// <remarks>A line ends with LF or CRLF, which are cut off; a byte order mark at the start of the file is too. The rest stays as it is.</remarks>
    /// <exception cref="FileNotFoundException">There is no file of that name; thrown at once, the others while lines are read.</exception>
    /// <exception cref="InvalidDataException">The file holds no line of text, or bytes that are not UTF-8.</exception>
    public static IEnumerable<(int Number, string Text)> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(Directory.Exists(path)
                ? $"'{path}' is a folder; expected a text file. Pass one file; join several with 'cat'."
                : $"There is no file '{Path.GetFullPath(path)}'; expected a text file in UTF-8. Check the path.", path);
        }
        return Stream(path);
    }

    static IEnumerable<(int Number, string Text)> Stream(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var buffer = new byte[1 << 16];
        int begin = 0, end = 0, scanned = 0, number = 0;        // the line starts at buffer[begin]; no LF lies before buffer[scanned]
        long offset = 0;                                        // of buffer[0] in the file
        var empty = true;
        for (var more = true; more;)
        {
            var lineFeed = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
            scanned = lineFeed < 0 ? end : scanned + lineFeed;
            if (lineFeed < 0)
            {
                if (begin > 0)
                {
                    buffer.AsSpan(begin, end - begin).CopyTo(buffer);
                    (offset, begin, end, scanned) = (offset + begin, 0, end - begin, scanned - begin);
                }
                else if (end == buffer.Length)
                {
                    Array.Resize(ref buffer, end < MaxLine ? end * 2
                        : throw new InvalidDataException($"'{path}', line {number + 1} is longer than {MaxLine} bytes; expected lines of text. Break it into lines."));
                }
                var read = file.Read(buffer, end, buffer.Length - end);
                end += read;
                more = read > 0;
                if (more)
                {
                    continue;
                }
            }
            var text = Decode(path, ++number, buffer.AsSpan(begin, scanned - begin), offset + begin);
            begin = ++scanned;
            if (!string.IsNullOrWhiteSpace(text))
            {
                empty = false;
                yield return (number, text);
            }
        }
        if (empty)
        {
            throw new InvalidDataException($"'{path}' has {(offset + end == 0 ? "no content" : "only blank lines")}; expected lines of text in UTF-8.");
        }
    }

    static string Decode(string path, int number, ReadOnlySpan<byte> line, long offset)
    {
        if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }
        var mark = offset == 0 && line.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        try
        {
            return Strict.GetString(line[mark..]);
        }
        catch (DecoderFallbackException e)
        {
            var at = offset + mark + e.Index;
            var likely = at == 0 && e.BytesUnknown is [0xFE or 0xFF, ..] ? "UTF-16" : "WINDOWS-1252";
            throw new InvalidDataException(
                $"'{path}', line {number}, byte {at} of the file: 0x{Convert.ToHexString(e.BytesUnknown ?? [])} is not valid UTF-8. " +
                $"Convert the file, for example: iconv -f {likely} -t UTF-8 '{path}' > utf8.txt", e);
        }
    }
}
