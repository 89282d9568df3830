using System.Text.Json.Nodes;
using Cclm.Training;
using Cclm.Training.App;
using Cclm.Training.Recipes;
using static TorchSharp.torch;

namespace Cclm.Tests.Recipes;

/// <summary>A recipe of three tiny towers with its data, and what is built of it in one thread.</summary>
sealed class BuildFolder : IDisposable
{
    public const string RecipeText =
        """
        {
          // comments are read past
          "corpora": {
            "text": { "paths": ["data/text.txt"] },
            "labels": { "paths": ["data/labels.tsv"] },
            "sizes": { "paths": ["data/sizes.jsonl"], "labelColumn": "size" },
            "more": { "paths": ["data/more.txt"] },
          },
          "preprocessor": { "corpora": ["text", "labels", "more"], "maxLength": 40 },
          "embedder": { "options": { "characterWidth": 4, "blocks": 1, "filters": 8, "globalFilters": 4 } },
          "towers": [
            { "name": "chars", "task": "char-mask", "corpus": "text", "options": { "layers": 1, "heads": 2, "feedForward": 8 }, "training": { "steps": 3, "batchSize": 8 } },
            { "name": "topic", "task": "categorical", "corpus": "labels", "options": { "layers": 1, "heads": 2, "feedForward": 8 }, "training": { "steps": 3, "batchSize": 8 } },
            { "name": "size", "task": "categorical", "corpus": "sizes", "options": { "layers": 1, "heads": 4, "feedForward": 8 }, "training": { "steps": 3, "batchSize": 8 } },
          ],
          "composition": { "textInFile": "text.onnx" },
          "evaluation": { "probe": { "corpus": "labels", "atMost": 40 } },
        }
        """;

    static readonly string[] Labels = ["low", "high", "none"];

    readonly TempFolder folder = new();

    public BuildFolder()
    {
        folder.Write("recipe.json", RecipeText);
        Lines("data/text.txt", i => $"line {i} of a text about everything");
        Lines("data/labels.tsv", i => $"{Labels[i % 3]}\tnumber {i} of a list, {Labels[i % 3]}");
        Lines("data/sizes.jsonl", i => $$"""{"text":"a thing that is {{(i % 2 == 0 ? "large" : "small")}} {{i}}","size":"{{(i % 2 == 0 ? "large" : "small")}}"}""");
        Lines("data/more.txt", i => $"{i} more");
    }

    /// <summary>A copy, made of another without building.</summary>
    public BuildFolder(BuildFolder other) : this() => Copy(other.Path, Path);

    public string Path => folder.Path;

    public string this[string name] => folder[name];

    /// <summary>Where everything is made.</summary>
    public string Output => folder["recipe"];

    public void Lines(string name, Func<int, string> line, int count = 60) => File.WriteAllLines(folder[name], Enumerable.Range(0, count).Select(line));

    /// <summary>Changes the recipe.</summary>
    public void Edit(Action<JsonNode> change)
    {
        var recipe = JsonNode.Parse(File.ReadAllText(folder["recipe.json"]), null, new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        change(recipe);
        File.WriteAllText(folder["recipe.json"], recipe.ToJsonString());
    }

    /// <summary>Names of the steps that were made.</summary>
    public IReadOnlyList<string> Build(CancellationToken cancellation = default) => [.. Open().Run(cancellation).Select(verdict => verdict.Step)];

    public IReadOnlyList<Verdict> Plan() => Open().Plan();

    /// <summary>Every file that a build is asked for, with its bytes; records of runs hold times, and so do remembered hashes.</summary>
    public IReadOnlyDictionary<string, string> Files() => Directory.GetFiles(Output, "*", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Output, file)).Where(file => !file.StartsWith("training/runs", StringComparison.Ordinal) && file is not "file-hashes.json")
        .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(System.IO.Path.Combine(Output, file)))));

    public void Dispose() => folder.Dispose();

    RecipeBuild Open()
    {
        set_num_threads(1);
        var (parts, tasks) = (new PartTypes(), new TaskTypes());
        var hashes = new FileHashes(System.IO.Path.Combine(Output, "file-hashes.json"), trust: true, default);
        return new(new(RecipeFile.Read(folder["recipe.json"], parts, tasks), Output, parts, tasks, hashes, new Terminal(), threads: 1));
    }

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(from, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
