namespace Cclm.Training.Data;

/// <summary>A text, empty or not, and what tells its row from others.</summary>
/// <param name="Text">The text.</param>
/// <param name="Id">What the row has in the column of identifiers; null where none was named.</param>
sealed record IdentifiedText(string Text, string? Id);

public static partial class Corpus
{
    /// <summary>Every text of a corpus, blank lines of text among them, so that what is made of each can be laid beside the rows.</summary>
    /// <param name="options">Where it lies and how it is read.</param>
    /// <param name="idColumn">The column of identifiers; null for none.</param>
    /// <exception cref="InvalidDataException">A row holds no text at all (null), and <see cref="CorpusOptions.SkipIncomplete"/> is not set; and as <see cref="Open"/>.</exception>
    /// <inheritdoc cref="Open"/>
    internal static FileRows<IdentifiedText> OpenIdentified(CorpusOptions options, string? idColumn)
    {
        var texts = TextColumns(options);
        Column[] id = idColumn is null ? [] : [new(idColumn, ColumnRole.Id)];
        return new(FileSearch.Find(options), options, [.. texts, .. id], (fields, reader) =>
        {
            var found = fields[..texts.Count];
            if (IsMissing(found))
            {
                _ = Complete(options, reader, ("", "text"));    // throws where such rows are not left out
                return null;
            }
            return new IdentifiedText(Text(found, options), id.Length > 0 ? fields[^1].Join(options.TextSeparator) : null);
        });
    }

    static bool IsMissing(ReadOnlySpan<Field> fields)
    {
        foreach (var field in fields)
        {
            if (field.Text is not null || field.List is not null)
            {
                return false;
            }
        }
        return true;
    }
}
