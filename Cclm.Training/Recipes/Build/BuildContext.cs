using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.App;
using Cclm.Training.Data;

namespace Cclm.Training.Recipes;

/// <summary>What the steps of a build share: the recipe, where its files go, and its data.</summary>
sealed class BuildContext(RecipeFile file, string folder, PartTypes parts, TaskTypes tasks, FileHashes hashes, Terminal terminal, int threads)
{
    const string TrainingName = "training", PartsName = "parts";

    readonly Dictionary<string, JsonObject> corpora = [];

    public RecipeFile File => file;

    public Recipe Recipe => file.Recipe;

    public PartTypes Parts => parts;

    public TaskTypes Tasks => tasks;

    public FileHashes Hashes => hashes;

    public Terminal Terminal => terminal;

    public int Threads => threads;

    /// <summary>Where everything is made.</summary>
    public string Folder => folder;

    /// <summary>The model in training, as <c>cclm pretrain</c> would make it.</summary>
    public ModelFolder Training { get; } = new(Path.Combine(folder, TrainingName), parts);

    /// <summary>The exported parts, as <c>cclm export</c> would make them.</summary>
    public string PartsFolder { get; } = Path.Combine(folder, PartsName);

    /// <summary>The composed models.</summary>
    public IEnumerable<string> Models => ((string?[])[Recipe.Composition.File, Recipe.Composition.TextInFile]).OfType<string>().Select(PathOf);

    /// <summary>What a build ends with: the composed models, and the one in fewer bits.</summary>
    public IEnumerable<string> AllModels => Recipe.Quantization is { } quantization ? Models.Append(PathOf(quantization.File)) : Models;

    /// <summary>A file by its name in the lock.</summary>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>A file's name in the lock.</summary>
    public string NameOf(string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    /// <summary>A corpus, with its paths where they are.</summary>
    public CorpusOptions Corpus(string name) => Recipe.Corpora[name] is var corpus
        ? corpus with { Paths = [.. corpus.Paths.Select(path => Path.Combine(file.Folder, path))], Edges = InFolder(corpus.Edges), Labels = InFolder(corpus.Labels) } : corpus;

    string? InFolder(string? path) => path is null ? null : Path.Combine(file.Folder, path);

    /// <summary>What a corpus is as an input: how it is read, and what is in its files. Where they lie does not matter.</summary>
    /// <exception cref="InvalidDataException">Its files are not there.</exception>
    public JsonObject Data(string name)
    {
        if (!corpora.TryGetValue(name, out var data))
        {
            data = (JsonObject)JsonSerializer.SerializeToNode(Recipe.Corpora[name], RecipeJson.Options)!;
            foreach (var path in (string[])["paths", "edges", "labels"])
            {
                data.Remove(path);
            }
            data["files"] = new JsonArray([.. FilesOf(name).Select(path => (JsonNode)new JsonObject { ["name"] = Path.GetFileName(path), ["sha256"] = hashes.Of(path) })]);
            corpora.Add(name, data);
        }
        return (JsonObject)data.DeepClone();
    }

    IReadOnlyList<string> FilesOf(string name)
    {
        try
        {
            var corpus = Corpus(name);
            IEnumerable<string> ofGraph = ((string?[])[corpus.Edges, corpus.Labels]).OfType<string>();
            return [.. FileSearch.Find(corpus).Select(found => found.Name), .. ofGraph.SelectMany(path => FileSearch.Find(new() { Paths = [path] })).Select(found => found.Name)];
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidDataException)
        {
            throw file.Fault($"can not be read: {e.Message}", "corpora", name, "paths");
        }
    }
}
