using System.Text;

namespace Cclm.Training.Data;

/// <summary>UTF-8, strictly: bytes that are none are an error with their place, never a U+FFFD in the data.</summary>
static class Utf8Text
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The current line without the CR of a CRLF and without a byte order mark at the start of the file; the rest stays as it is.</summary>
    public static ReadOnlySpan<byte> Trim(LineBuffer lines)
    {
        var line = lines.Line;
        line = line is [.., (byte)'\r'] ? line[..^1] : line;
        return lines.Offset == 0 && line.StartsWith(Encoding.UTF8.Preamble) ? line[Encoding.UTF8.Preamble.Length..] : line;
    }

    /// <summary>A part of the current line as text.</summary>
    /// <exception cref="InvalidDataException">It holds bytes that are no UTF-8; the message gives the line and the place.</exception>
    public static string Decode(LineBuffer lines, ReadOnlySpan<byte> part)
    {
        lines.Line.Overlaps(part, out var start);
        return Decode(part, lines.Name, lines.Number, lines.Offset + start);
    }

    /// <param name="part">The bytes.</param>
    /// <param name="name">What messages call the file.</param>
    /// <param name="line">The line they stand in, from 1.</param>
    /// <param name="offset">Where they begin in the file.</param>
    /// <inheritdoc cref="Decode(LineBuffer, ReadOnlySpan{byte})"/>
    public static string Decode(ReadOnlySpan<byte> part, string name, long line, long offset)
    {
        try
        {
            return Strict.GetString(part);
        }
        catch (DecoderFallbackException e)
        {
            var at = offset + e.Index;
            var likely = at == 0 && e.BytesUnknown is [0xFE or 0xFF, ..] ? "UTF-16" : "WINDOWS-1252";
            throw new InvalidDataException(
                $"'{name}', line {line}, byte {at} of the file: 0x{Convert.ToHexString(e.BytesUnknown ?? [])} is not valid UTF-8. " +
                $"Convert the file, for example: iconv -f {likely} -t UTF-8 '{name}' > utf8.txt", e);
        }
    }
}
