using System.Text;

namespace Cclm.Training.Data;

/// <summary>The lines of a UTF-8 file, strictly: bytes that are no UTF-8 are an error with their place, never a U+FFFD in the data.</summary>
static class Utf8Lines
{
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
        using var lines = new LineBuffer(path);
        var empty = true;
        while (lines.MoveNext())
        {
            var text = Decode(path, lines.Number, lines.Line, lines.Offset);
            if (!string.IsNullOrWhiteSpace(text))
            {
                empty = false;
                yield return (lines.Number, text);
            }
        }
        if (empty)
        {
            throw new InvalidDataException($"'{path}' has {(lines.Offset == 0 ? "no content" : "only blank lines")}; expected lines of text in UTF-8.");
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
