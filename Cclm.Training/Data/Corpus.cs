using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>A text and the class it belongs to.</summary>
public sealed record LabelledText(string Label, string Text);

/// <summary>Text to train on.</summary>
public static class Corpus
{
    /// <summary>Streams the lines of a UTF-8 file. Line ends (LF, CRLF) are cut off and blank lines skipped; nothing else changes.</summary>
    /// <exception cref="FileNotFoundException">There is no file of that name.</exception>
    /// <exception cref="InvalidDataException">The file holds no line of text, or bytes that are not UTF-8; thrown where they are read.</exception>
    public static IEnumerable<string> ReadLines(string path) => Utf8Lines.Read(path).Select(line => line.Text);

    /// <summary>Streams the lines <c>label&lt;TAB&gt;text</c> of a UTF-8 file; further tabs belong to the text.</summary>
    /// <exception cref="InvalidDataException">A line has no tab, or nothing on one side of it; and as <see cref="ReadLines"/>.</exception>
    /// <inheritdoc cref="ReadLines"/>
    public static IEnumerable<LabelledText> ReadLabelled(string path) => Utf8Lines.Read(path).Select(line =>
    {
        var tab = line.Text.IndexOf('\t', StringComparison.Ordinal);
        var found = tab < 0 ? "has no tab" : string.IsNullOrWhiteSpace(line.Text[..tab]) ? "has no label before its tab"
            : string.IsNullOrWhiteSpace(line.Text[tab..]) ? "has no text after its tab" : null;
        return found is null ? new LabelledText(line.Text[..tab], line.Text[(tab + 1)..])
            : throw new InvalidDataException($"'{path}', line {line.Number} {found}; expected label<TAB>text. Correct the line or take it out.");
    });

    /// <summary>Splits items into those to train on and those held out, by a hash of their text alone.</summary>
    /// <remarks>
    /// One text is always on one side, however often it occurs, whatever stands beside it and in whatever order it comes: a held-out
    /// text stays held out when the corpus grows. The share is therefore only about what was asked for.
    /// </remarks>
    /// <param name="items">The items; each side keeps their order.</param>
    /// <param name="text">An item's text.</param>
    /// <param name="permille">About how many of 1,000 different texts are held out, 1 to 999.</param>
    /// <exception cref="InvalidDataException">One side would be empty.</exception>
    public static (IReadOnlyList<T> Train, IReadOnlyList<T> HeldOut) Split<T>(IEnumerable<T> items, Func<T, string> text, int permille = 50)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permille, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permille, 999);
        List<T> train = [], heldOut = [];
        foreach (var item in items)
        {
            (Bucket(text(item)) < permille ? heldOut : train).Add(item);
        }
        return train.Count > 0 && heldOut.Count > 0 ? (train, heldOut) : throw new InvalidDataException(
            $"Of {train.Count + heldOut.Count} texts, {heldOut.Count} fell into the {permille} of 1,000 to hold out; expected at least one on either side. " +
            "Use a corpus with more different texts, or hold out a share nearer to one half.");
    }

    static int Bucket(string text) => (int)(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) % 1000);
}
