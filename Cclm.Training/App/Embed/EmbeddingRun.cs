using System.Diagnostics;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>Embeds the rows of a shard, part by part, in memory that does not grow with them.</summary>
/// <param name="model">The model.</param>
/// <param name="tower">The tower whose part of the vectors is asked for; null for all of them.</param>
/// <param name="withText">Whether texts are kept beside their vectors.</param>
/// <param name="parts">Where what is done is kept.</param>
sealed class EmbeddingRun(CclmModel model, string? tower, bool withText, VectorParts parts)
{
    const int RowsOfPart = 4096, CharactersOfPart = 1 << 22;

    /// <summary>Does what is not done yet.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="first">The shard's first row.</param>
    /// <param name="end">The row after its last.</param>
    /// <param name="report">Told the share that is done, and a few words.</param>
    /// <param name="cancellation">Stops it; what is done is kept.</param>
    /// <returns>What there is then.</returns>
    /// <exception cref="InvalidDataException">A text can not be embedded, or is too long where that is an error; the message names the row.</exception>
    public PartsDone Embed(RowSource<IdentifiedText> rows, long first, long end, Action<double, string> report, CancellationToken cancellation)
    {
        var done = parts.Done();
        if (done.Damaged is { } damaged)
        {
            Terminal.Tell($"note: '{damaged}' is not as it was written, so the rows from there on are embedded again.");
        }
        var (clock, before) = (Stopwatch.StartNew(), done.Next);
        foreach (var part in Parts(rows, done.Next, end))
        {
            var next = part[^1].Number + 1;
            var cut = part.Count(IsTooLong);
            if (cut > 0 && model.LongText == LongText.Error)
            {
                throw TooLong(part.Find(IsTooLong));
            }
            parts.Add(done.Next, next, cut, Embed(part, cancellation));
            done = new(next, done.Rows + part.Count, done.Cut + cut);
            report((double)(next - first) / (end - first), $"row {next - first:N0} of {end - first:N0}, {(next - before) / clock.Elapsed.TotalSeconds:N0} rows/s");
        }
        return done;
    }

    static IEnumerable<List<(long Number, IdentifiedText Row)>> Parts(RowSource<IdentifiedText> rows, long from, long end)
    {
        var (part, characters) = (new List<(long Number, IdentifiedText Row)>(), 0);
        foreach (var row in Rows(rows, from, end))
        {
            part.Add(row);
            characters += row.Row.Text.Length;
            if (part.Count == RowsOfPart || characters >= CharactersOfPart)
            {
                yield return part;
                (part, characters) = ([], 0);
            }
        }
        if (part.Count > 0)
        {
            yield return part;
        }
    }

    /// <summary>Rows before the end; nothing is read beyond it that need not be, for it is another shard's.</summary>
    static IEnumerable<(long Number, IdentifiedText Row)> Rows(RowSource<IdentifiedText> rows, long from, long end)
    {
        if (from == end)
        {
            yield break;
        }
        foreach (var row in rows.Read(from))
        {
            if (row.Number < end)
            {
                yield return row;
            }
            if (row.Number >= end - 1)
            {
                yield break;
            }
        }
    }

    bool IsTooLong((long Number, IdentifiedText Row) row) => !model.Preprocessor.Fits(row.Row.Text);

    InvalidDataException TooLong((long Number, IdentifiedText Row) row) =>
        new($"Row {row.Number:N0}, counted from 0 through all inputs, has {row.Row.Text.EnumerateRunes().Count():N0} characters; the model reads {model.Preprocessor.MostCharacters:N0}. " +
            "Shorten it, or let its beginning or pieces of it be read (--long-text truncate or chunk).");

    List<EmbeddedRow> Embed(List<(long Number, IdentifiedText Row)> part, CancellationToken cancellation)
    {
        try
        {
            var vectors = model.Embed(part.ConvertAll(row => row.Row.Text), tower, cancellation);
            return [.. part.Zip(vectors, (row, vector) => new EmbeddedRow(row.Number, row.Row.Id, withText ? row.Row.Text : null, vector))];
        }
        catch (CclmModelException e)
        {
            throw new InvalidDataException($"Of the rows from {part[0].Number:N0} on, counted from 0 through all inputs: {e.Message}", e);
        }
    }
}
