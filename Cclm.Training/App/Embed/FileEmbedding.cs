using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>What is asked for where files are embedded.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="Options">How the model runs.</param>
/// <param name="Tower">The tower whose part of the vectors is asked for; null for all of them.</param>
/// <param name="Source">What is read.</param>
/// <param name="Output">The file to write; a shard's has its number in its name.</param>
/// <param name="Shard">The part of the rows; null for all.</param>
/// <param name="IdColumn">The column of identifiers; null for none.</param>
/// <param name="WithText">Whether texts are written beside their vectors.</param>
/// <param name="Replace">Whether what another job wrote there is replaced.</param>
sealed record FileEmbedding(string Model, CclmModelOptions Options, string? Tower, CorpusOptions Source, string Output, Shard? Shard, string? IdColumn, bool WithText, bool Replace)
{
    /// <summary>Does the job, or what is left of it.</summary>
    /// <exception cref="IOException">Another process is at it, another job's file is there, or the disk is full.</exception>
    /// <exception cref="InvalidDataException">A row can not be read.</exception>
    public EmbeddingResult Run(Terminal terminal, CancellationToken cancellation)
    {
        var format = VectorFormat.Of(Output);
        var output = new EmbeddingOutput(Shard?.NameOf(Output) ?? Output);
        CheckColumns(format);
        var rows = Corpus.OpenIdentified(Source, IdColumn);
        output.CheckIsNoInput(Source.Paths, rows.Files.Select(file => file.Name));
        var job = terminal.Progress("Reading the inputs", _ => JobOf(rows, cancellation));
        if (Done(job, output) is { } done)
        {
            return done;
        }
        EmbeddingResult? result = null;
        try
        {
            using var alone = output.Lock();
            if (Done(job, output) is { } meanwhile)         // by the process that had the lock
            {
                return meanwhile;
            }
            output.Begin(job, Replace);
            return result = Embed(job, rows, output, format, terminal, cancellation);
        }
        finally
        {
            output.Clear(isDone: result is not null);
        }
    }

    EmbeddingResult? Done(EmbeddingJob job, EmbeddingOutput output)
    {
        if (Replace || output.Finished(job) is not { } result)
        {
            return null;
        }
        Terminal.Tell($"'{result.File}' is there already, made of the same model, inputs and options; nothing is left to do.");
        output.Clear(isDone: true);
        return result;
    }

    EmbeddingResult Embed(EmbeddingJob job, FileRows<IdentifiedText> rows, EmbeddingOutput output, VectorFormat format, Terminal terminal, CancellationToken cancellation)
    {
        using var model = CclmModel.Load(Model, Options);
        Terminal.Tell($"Running on {model.Provider.ToString().ToUpperInvariant()}.");
        var width = model.Embed("", Tower, cancellation).Length;
        var total = rows.Count(cancellation);
        var (first, end) = Shard?.Part(total) ?? (0, total);
        var parts = new VectorParts(output.Parts, first);
        var kept = parts.Done();
        if (kept.Rows > 0)
        {
            Terminal.Tell($"{kept.Rows:N0} rows were done before; going on after them.");
        }
        var done = terminal.Progress("Embedding", report =>
            new EmbeddingRun(model, Tower, WithText, parts).Embed(rows, first, end, report, cancellation));
        var table = new VectorTable(done.Rows, width, IdColumn is not null, WithText);
        return output.Finish(job, stream => format.Write(stream, parts.Read(), table),
            new("", 0, "", first, done.Rows, width, done.Cut, model.Weights, $"{model.Provider}".ToLowerInvariant()));
    }

    EmbeddingJob JobOf(FileRows<IdentifiedText> rows, CancellationToken cancellation)
    {
        List<JobFile> inputs = [.. rows.Files.Select(file => JobFile.Of(file.Name, file.OpenRaw(), cancellation))];
        return new(JobFile.Of(Model, File.OpenRead(Model), cancellation), inputs, EmbeddingJob.ReadingOf(Source), Tower, Options.BatchCharacters,
            Options.LongText, Options.LongText == LongText.Chunk ? Options.ChunkOverlap : null, IdColumn, WithText, Shard?.ToString());
    }

    void CheckColumns(VectorFormat format)
    {
        if (!format.HoldsText && (IdColumn is not null || WithText))
        {
            throw new ArgumentException($"'{Output}' would hold numbers alone; leave --id-column and --with-text out, or write .parquet or .jsonl.");
        }
    }
}
