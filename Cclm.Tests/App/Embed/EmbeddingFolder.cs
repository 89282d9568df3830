using System.IO.Compression;
using System.Text.Json;
using Cclm.Inference;
using Cclm.Tests.Data;
using Cclm.Tests.Inference;
using Cclm.Training.App;
using Cclm.Training.Data;
using Parquet.Serialization;

namespace Cclm.Tests.App;

/// <summary>A folder with a model whose vectors can be worked out by hand, and inputs and outputs of the embedding of files.</summary>
sealed class EmbeddingFolder : IDisposable
{
    static readonly TinyModel Tiny = new() { Options = new() { MaxLength = 9 } };

    readonly TempFolder folder;

    public EmbeddingFolder(string? disk = null)
    {
        folder = new(disk);
        folder.Write("model.onnx", Tiny.Bytes());
    }

    public string this[string name] => folder[name];

    public string Path => folder.Path;

    /// <summary>Texts of 0 to 12 characters, some of which the model has no id for.</summary>
    public static string Text(long row) => string.Concat(Enumerable.Range(0, (int)(row * 7 % 13)).Select(i => "abcdefgh\u00e9"[(int)((row + (i * i)) % 9)]));

    public static float[] Vector(long row) => Tiny.Embedding(Text(row));

    public static long CutTexts(int rows) => Enumerable.Range(0, rows).Count(row => Text(row).Length > 8);      // 9 with CLS

    /// <summary>Writes so many texts with identifiers; the extension says how.</summary>
    public string Input(string name, int rows)
    {
        var path = folder[name];
        var all = Enumerable.Range(0, rows);
        switch (System.IO.Path.GetExtension(name))
        {
            case ".jsonl":
                File.WriteAllLines(path, all.Select(row => JsonSerializer.Serialize(new { id = $"n{row}", text = Text(row) })));
                break;
            case ".csv":
                File.WriteAllLines(path, all.Select(row => $"n{row},\"{Text(row)}\"").Prepend("id,text"));
                break;
            case ".tsv":
                File.WriteAllLines(path, all.Select(row => $"n{row}\t{Text(row)}").Prepend("id\ttext"));
                break;
            case ".parquet":
                OtherParquet.Write(path, all.Select(row => new Row($"n{row}", Text(row))));
                break;
            case ".gz":
                using (var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest)))
                {
                    all.ToList().ForEach(row => writer.Write($"{Text(row)}\n"));
                }
                break;
            default:
                File.WriteAllLines(path, all.Select(row => Text(row)));
                break;
        }
        return path;
    }

    public FileEmbedding Job(string input, string output, Shard? shard = null, string? idColumn = null, bool withText = false, bool replace = false) =>
        new(folder["model.onnx"], new CclmModelOptions { Provider = ExecutionProvider.Cpu, Threads = 1 }, null, new CorpusOptions { Paths = [folder[input]] }, folder[output], shard, idColumn, withText, replace);

    public static EmbeddingResult Run(FileEmbedding job) => job.Run(new Terminal(), CancellationToken.None);

    /// <summary>Everything below the folder that a job might leave.</summary>
    public IEnumerable<string> Names => Directory.GetFileSystemEntries(folder.Path).Select(entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal);

    /// <summary>Reads what was written, with libraries that did not write it.</summary>
    public static List<(long Row, string? Id, string? Text, float[] Vector)> Read(string path) => System.IO.Path.GetExtension(path) switch
    {
        ".npy" => [.. NpyFile.Open(path).Select((vector, row) => ((long)row, (string?)null, (string?)null, vector))],
        ".jsonl" => [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement).Select(row => (row.GetProperty("row").GetInt64(), Member(row, "id"), Member(row, "text"),
            row.GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle()).ToArray()))],
        _ => [.. ReadParquet(path)],
    };

    public void Dispose() => folder.Dispose();

    static string? Member(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;

    static IEnumerable<(long, string?, string?, float[])> ReadParquet(string path)
    {
        using var file = File.OpenRead(path);
        var found = ParquetSerializer.DeserializeUntypedAsync(file).GetAwaiter().GetResult();
        return [.. found.Data.Select(row => ((long)row["row"]!, row.GetValueOrDefault("id") as string, row.GetValueOrDefault("text") as string,
            ((System.Collections.IEnumerable)row["embedding"]!).Cast<float>().ToArray()))];
    }

    sealed record Row(string id, string text);
}
