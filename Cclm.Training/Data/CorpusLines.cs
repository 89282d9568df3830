namespace Cclm.Training.Data;

public static partial class Corpus
{
    /// <summary>Streams the lines of a UTF-8 file. Line ends (LF, CRLF) are cut off and blank lines skipped; nothing else changes.</summary>
    /// <exception cref="FileNotFoundException">There is no file of that name.</exception>
    /// <exception cref="InvalidDataException">The file holds no line of text, or bytes that are not UTF-8; thrown where they are read.</exception>
    public static IEnumerable<string> ReadLines(string path) => Open(OneFile(path, CorpusFormat.Lines)).Read().Select(row => row.Row);

    /// <summary>Streams the lines <c>label&lt;TAB&gt;text</c> of a UTF-8 file; further tabs belong to the text.</summary>
    /// <exception cref="InvalidDataException">A line has no tab, or nothing on one side of it; and as <see cref="ReadLines"/>.</exception>
    /// <inheritdoc cref="ReadLines"/>
    public static IEnumerable<LabelledText> ReadLabelled(string path) => OpenLabelled(OneFile(path, CorpusFormat.Tsv)).Read().Select(row => row.Row);

    /// <summary>Every line of a file, blank ones too, with its number from 1.</summary>
    internal static IEnumerable<(long Number, string Text)> AllLines(string path) =>
        OpenRows(OneFile(path, CorpusFormat.Lines), [new(null, ColumnRole.Text)], (fields, _) => fields[0].Text).Read().Select(row => (row.Number + 1, row.Row));

    static CorpusOptions OneFile(string path, CorpusFormat format) => !Directory.Exists(path) ? new() { Paths = [path], Format = format }
        : throw new FileNotFoundException($"'{path}' is a folder; expected a text file. Pass one file, or open the folder with Corpus.Open.", path);
}
