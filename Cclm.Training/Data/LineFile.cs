using System.Collections;
using Microsoft.Win32.SafeHandles;

namespace Cclm.Training.Data;

/// <summary>The lines of a UTF-8 file, each read from disk when it is asked for: 12 bytes of memory a line. Several threads may read at once.</summary>
/// <remarks>The file stays open, and is not to change meanwhile.</remarks>
sealed class LineFile : IReadOnlyList<string>
{
    readonly string path;
    readonly SafeFileHandle file;
    readonly List<long> begins = [];
    readonly List<int> lengths = [];

    /// <param name="path">The file, which is read once to see where lines begin and that they are UTF-8.</param>
    /// <exception cref="InvalidDataException">It holds bytes that are not UTF-8.</exception>
    public LineFile(string path)
    {
        (this.path, file) = (path, File.OpenHandle(path, options: FileOptions.RandomAccess));
        using var lines = new LineBuffer(File.OpenRead(path), path);
        while (lines.MoveNext())
        {
            var line = Utf8Text.Trim(lines);
            Utf8Text.Decode(lines, line);
            lines.Line.Overlaps(line, out var start);
            begins.Add(lines.Offset + start);
            lengths.Add(line.Length);
        }
    }

    /// <inheritdoc/>
    public int Count => begins.Count;

    /// <summary>Line i, counted from 0, without its line end.</summary>
    public string this[int line]
    {
        get
        {
            var bytes = new byte[lengths[line]];
            var read = RandomAccess.Read(file, bytes, begins[line]);
            return Utf8Text.Decode(bytes.AsSpan(0, read), path, line + 1, begins[line]);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(line => this[line]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
