using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Cclm.Training.Data;

/// <summary>What a NumPy file says of itself, read strictly: nothing is evaluated, and nothing allocated that the file does not have.</summary>
/// <param name="Start">Where the numbers begin.</param>
/// <param name="ElementSize">4 for float32, 8 for float64.</param>
/// <param name="Rows">N, 1 or more.</param>
/// <param name="Width">D, 1 or more.</param>
sealed partial record NpyHeader(long Start, int ElementSize, int Rows, int Width)
{
    const int Prefix = 8;               // the magic string and the version
    const int MostBytes = 1 << 16;      // numpy writes 128
    const string Entry = @"'(?<key>\w+)'\s*:\s*(?<value>'[^']*'|\w+|\([\d, ]*\))\s*";

    static readonly Dictionary<string, int> ElementSizes = new() { ["'<f4'"] = sizeof(float), ["'<f8'"] = sizeof(double) };

    /// <exception cref="InvalidDataException">It is no NumPy file, or not one of a matrix of such numbers; the message is the end of a sentence.</exception>
    public static NpyHeader Read(FileStream stream)
    {
        var (text, start) = ReadText(stream);
        var entries = Entries(text);
        if (entries.GetValueOrDefault("fortran_order") != "False" || !ElementSizes.TryGetValue(entries.GetValueOrDefault("descr", ""), out var size)
            || Shape().Match(entries.GetValueOrDefault("shape", "")) is not { Success: true } shape || entries.Count != 3)
        {
            throw new InvalidDataException($"its header is {text.Trim()}; expected a matrix of '<f4' or '<f8' that is not in Fortran's order. Save it with numpy.save(path, numpy.ascontiguousarray(vectors, dtype='<f4')).");
        }
        if (!int.TryParse(shape.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) || rows < 1
            || !int.TryParse(shape.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var width) || width < 1)
        {
            throw new InvalidDataException($"its shape is {shape.Value}; expected at least one row and one column, and no more than {int.MaxValue:N0}.");
        }
        var expected = start + ((Int128)rows * width * size);
        return stream.Length == expected ? new(start, size, rows, width)
            : throw new InvalidDataException($"it has {stream.Length:N0} bytes; expected {expected:N0} for the shape {shape.Value}. It was cut short or edited: copy or save it again.");
    }

    /// <summary>The header's text, and where the numbers begin.</summary>
    static (string Text, long Start) ReadText(FileStream stream)
    {
        var begin = new byte[Prefix + sizeof(uint)];
        if (stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) < begin.Length || begin[0] != 0x93 || !begin.AsSpan(1, 5).SequenceEqual("NUMPY"u8)
            || begin[6] is not (1 or 2 or 3) || begin[7] != 0)
        {
            throw new InvalidDataException("it does not begin as a NumPy file does; expected what numpy.save wrote, of format version 1.0 to 3.0.");
        }
        var (length, start) = begin[6] == 1 ? (BinaryPrimitives.ReadUInt16LittleEndian(begin.AsSpan(Prefix)), Prefix + sizeof(ushort))
            : (BinaryPrimitives.ReadUInt32LittleEndian(begin.AsSpan(Prefix)), Prefix + sizeof(uint));
        if (length > MostBytes || start + length > stream.Length)
        {
            throw new InvalidDataException($"its header has {length:N0} bytes; expected {MostBytes:N0} or fewer, all of them in the file.");
        }
        var text = new byte[length];
        stream.Position = start;
        stream.ReadExactly(text);
        return (Encoding.Latin1.GetString(text), start + length);
    }

    /// <summary>The entries of a Python dictionary as they are written; none where it holds what no such header does, or a key twice.</summary>
    static Dictionary<string, string> Entries(string text)
    {
        var found = Dictionary().Match(text);
        var (keys, values) = (found.Groups["key"].Captures, found.Groups["value"].Captures);
        var entries = new Dictionary<string, string>();
        return keys.Zip(values).All(entry => entries.TryAdd(entry.First.Value, entry.Second.Value)) ? entries : [];
    }

    [GeneratedRegex(@"^\{\s*(?:" + Entry + @",\s*)*(?:" + Entry + @")?\}\s*\z")]
    private static partial Regex Dictionary();

    [GeneratedRegex(@"^\((\d+), *(\d+),?\)\z")]
    private static partial Regex Shape();
}
