using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Inference;
using Cclm.Training.Data;
using Cclm.Training.Recipes;

namespace Cclm.Training.App;

/// <summary>A file that a job reads.</summary>
/// <param name="Name">Its name without its folder; what it holds says which it is, not where it lies.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">SHA-256 of its content.</param>
sealed record JobFile(string Name, long Size, string Sha256)
{
    /// <summary>A file as it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its bytes; disposed.</param>
    /// <param name="cancellation">Stops reading them.</param>
    public static JobFile Of(string name, FileStream content, CancellationToken cancellation)
    {
        using (content)
        {
            var hash = SHA256.HashDataAsync(content, cancellation).AsTask().GetAwaiter().GetResult();
            return new(Path.GetFileName(name), content.Length, Convert.ToHexStringLower(hash));
        }
    }
}

/// <summary>All that the rows of an answer depend on. Two jobs that are equal give the same vectors.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="Inputs">The files of rows, in order.</param>
/// <param name="Reading">How they are read (<see cref="CorpusOptions"/>).</param>
/// <param name="Tower">The tower whose part of the vectors is asked for; null for all of them.</param>
/// <param name="BatchCharacters">The most characters of a batch.</param>
/// <param name="LongText">What becomes of texts that are longer than the model reads.</param>
/// <param name="ChunkOverlap">The characters that pieces of them have in common; null where they are not read in pieces.</param>
/// <param name="IdColumn">The column of identifiers; null for none.</param>
/// <param name="WithText">Whether texts are written beside their vectors.</param>
/// <param name="Shard">Such as <c>3/8</c>; null for the whole.</param>
sealed record EmbeddingJob(JobFile Model, IReadOnlyList<JobFile> Inputs, JsonObject Reading, string? Tower, int BatchCharacters,
    LongText LongText, int? ChunkOverlap, string? IdColumn, bool WithText, string? Shard)
{
    /// <summary>How rows are read, but not from where: that the files themselves say.</summary>
    public static JsonObject ReadingOf(CorpusOptions options)
    {
        var reading = JsonSerializer.SerializeToNode(options, RecipeJson.Options)!.AsObject();
        reading.Remove("paths");
        return reading;
    }

    /// <summary>The job as JSON.</summary>
    public JsonNode ToJson() => JsonSerializer.SerializeToNode(this, RecipeJson.Options)!;
}

/// <summary>What a job made.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">SHA-256 of its content.</param>
/// <param name="FirstRow">The number of the first row that it is of, counted from 0 through all inputs.</param>
/// <param name="Rows">How many vectors it holds.</param>
/// <param name="Dimensions">The length of a vector.</param>
/// <param name="CutTexts">Texts that were longer than the model reads, of which it read the beginning or, in pieces, all.</param>
/// <param name="Weights">SHA-256 of the model's weights.</param>
/// <param name="Provider">What the last part ran on.</param>
sealed record EmbeddingResult(string File, long Size, string Sha256, long FirstRow, long Rows, int Dimensions, long CutTexts, string Weights, string Provider);

/// <summary>What stands beside a file of vectors: the job that it is the answer to.</summary>
/// <param name="Format">The kind of document.</param>
/// <param name="FormatVersion">The version of its layout, and of what is written to the files.</param>
/// <param name="Job">What was asked for.</param>
/// <param name="Result">What came out.</param>
sealed record EmbeddingManifest(string Format, int FormatVersion, JsonNode Job, EmbeddingResult Result)
{
    public const string CurrentFormat = "cclm.embedding";
    public const int CurrentVersion = 1;
}
