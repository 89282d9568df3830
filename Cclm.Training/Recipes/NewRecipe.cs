using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.Data;

namespace Cclm.Training.Recipes;

/// <summary>What <c>cclm new</c> writes: a recipe with comments that builds as it is.</summary>
static class NewRecipe
{
    /// <summary>The .NET API documentation, as rows of <c>text</c>, <c>namespace</c> and <c>kind</c>.</summary>
    public const string DocumentationFile = "dotnet-api.jsonl";

    /// <summary>The .NET API as a graph: a summary, a namespace and the links of each documented member.</summary>
    public static readonly CorpusOptions Graph = new() { Paths = ["dotnet-api.nodes.txt"], Edges = "dotnet-api.edges.txt", Labels = "dotnet-api.labels.txt" };

    /// <summary>The schema's name beside the recipe.</summary>
    public const string SchemaFile = "recipe.schema.json";

    const int RowsLookedAt = 1_000;

    static readonly (string Name, string Task, string Corpus, int Steps) GraphTower = ("graph", "graph", "text", 300);

    /// <summary>A recipe on the .NET API documentation: three towers on one file.</summary>
    public static string OfDocumentation() => Text(
        $$"""
            "text": { "paths": ["{{DocumentationFile}}"] },
            "namespaces": { "paths": ["{{DocumentationFile}}"], "labelColumn": "namespace" },
            "kinds": { "paths": ["{{DocumentationFile}}"], "labelColumn": "kind" },
        """, "text", [("namespace", "categorical", "namespaces", 1_000), ("kind", "categorical", "kinds", 600)]);

    /// <summary>A recipe on the graph of the .NET API.</summary>
    public static string OfGraph() => Of(Graph, [GraphTower]);

    /// <summary>A recipe on a corpus: a tower on its text, and one on its labels or its graph where it has them.</summary>
    /// <param name="corpus">The corpus, as it is found now.</param>
    /// <param name="folder">The folder that the recipe is to lie in.</param>
    /// <exception cref="InvalidDataException">It can not be read.</exception>
    public static string Of(CorpusOptions corpus, string folder)
    {
        if (corpus.Paths.Contains("-"))
        {
            throw new ArgumentException("The standard input can not be built from again. Save it to a file, and name that.", nameof(corpus));
        }
        _ = Corpus.Open(corpus).Read().First();
        var labelled = corpus.Edges is null && HasLabels(corpus);
        if (labelled && corpus.Format is null && FileSearch.Find(corpus).All(file => CorpusFile.FormatOf(file.Name) is null or CorpusFormat.Lines))
        {
            corpus = corpus with { Format = CorpusFormat.Tsv };         // so that the label is not taken for text
        }
        return Of(corpus with { Paths = [.. corpus.Paths.Select(path => InFolder(path)!)], Edges = InFolder(corpus.Edges), Labels = InFolder(corpus.Labels) },
            corpus.Edges is not null ? [GraphTower] : labelled ? [("label", "categorical", "text", 1_000)] : []);

        string? InFolder(string? path) => path is null ? null : Path.GetRelativePath(folder, path).Replace('\\', '/');
    }

    /// <param name="corpus">The corpus, its paths as the recipe is to name them.</param>
    /// <param name="towers">The towers besides the one on its text.</param>
    static string Of(CorpusOptions corpus, IReadOnlyList<(string Name, string Task, string Corpus, int Steps)> towers)
    {
        var described = (JsonObject)JsonSerializer.SerializeToNode(corpus, RecipeJson.Options)!;
        foreach (var (name, usual) in (JsonObject)JsonSerializer.SerializeToNode(new CorpusOptions { Paths = [] }, RecipeJson.Options)!)
        {
            if (JsonNode.DeepEquals(usual, described[name]))
            {
                described.Remove(name);
            }
        }
        return Text($"""    "text": {described.ToJsonString(new(RecipeJson.Options) { WriteIndented = false })},""", "text", towers);
    }

    static bool HasLabels(CorpusOptions corpus)
    {
        try
        {
            return Corpus.OpenLabelled(corpus).Read().Take(RowsLookedAt).Select(row => row.Row.Label).Distinct().Count() > 1;
        }
        catch (Exception e) when (corpus.LabelColumn is null && e is InvalidDataException or ArgumentException)
        {
            return false;
        }
    }

    static string Text(string corpora, string text, IReadOnlyList<(string Name, string Task, string Corpus, int Steps)> towers) =>
        $$"""
        // What a model is made of. Change it and build it again: only what changed is made anew.
        //   cclm build RECIPE --dry-run     says what would be made, and why
        //   cclm build RECIPE               makes it, or the rest of it
        {
          "$schema": "{{SchemaFile}}",

          // The data, by names of your own: text, JSON, CSV, TSV, Parquet or CoNLL. Paths are relative to this file.
          "corpora": {
        {{corpora}}
          },

          // How text becomes ids: the characters of these corpora, and the longest text.
          "preprocessor": {
            "corpora": ["{{text}}"],
            "maxLength": 160,
            "minCount": 2,          // rarer characters become the unknown id
          },

          // The base that all towers stand on. It is trained with one of them, and stays as it is for the others.
          "embedder": {
            "trainedWith": "char_mask",
            "options": { "blocks": 2, "filters": 64, "globalFilters": 32, "dropout": 0 },
          },

          // One tower for each thing to be learned.
          "towers": [
            {
              "name": "char_mask",
              "task": "char-mask",  // masked characters are to be told from what stands around them
              "taskOptions": { "augmentation": { "typos": 0.15 } },
              "corpus": "{{text}}",
              "options": { "layers": 1, "heads": 4, "feedForward": 128, "dropout": 0 },
              "training": { "steps": 1000, "learningRate": 3e-3 },
            },
        {{string.Concat(towers.Select(Tower))}}  ],

          // One file that runs the embedder once and lays what the towers say side by side.
          "composition": {
            "pooling": "mean_max",
            "file": "model.onnx",
            "textInFile": "model.text.onnx",    // takes strings instead of ids, for any language with ONNX Runtime
          },

          // Texts that are held out of all training, by their hash; what is reached on them is in evaluation.json.
          "evaluation": {
            "heldOutPermille": 50,
        {{(towers is [{ Task: "categorical", Corpus: var labelled }, ..] ? $$"""    "probe": { "corpus": "{{labelled}}", "atMost": 8000 },    // how much the vectors know of the label""" + "\n" : "")}}  },
        }

        """;

    static string Tower((string Name, string Task, string Corpus, int Steps) tower) =>
        $$"""
            {
              "name": "{{tower.Name}}",
              "task": "{{tower.Task}}",
              "taskOptions": { "augmentation": { "typos": 0.15 } },
              "corpus": "{{tower.Corpus}}",
              "options": { "layers": 1, "heads": 4, "feedForward": 128, "dropout": 0 },
              "training": { "steps": {{tower.Steps}}, "learningRate": 3e-3 },
            },

        """;

    /// <summary>Writes the .NET API documentation as a corpus.</summary>
    public static void WriteDocumentation(string file) => AtomicFile.Write(file, stream =>
    {
        foreach (var member in ApiDocumentation.Read())
        {
            JsonSerializer.Serialize(stream, new { text = member.Summary, @namespace = member.Namespace, kind = Kind(member.Id[0]) });
            stream.WriteByte((byte)'\n');
        }
    });

    /// <summary>Writes the graph of the .NET API into a folder.</summary>
    public static void WriteGraph(string folder)
    {
        var graph = ApiDocumentation.ReadGraph();
        AtomicFile.Write(Path.Combine(folder, Graph.Paths[0]), Lines(graph.Texts));
        AtomicFile.Write(Path.Combine(folder, Graph.Edges!), Lines(graph.Edges.Select(edge => $"{edge.From}\t{edge.To}")));
        AtomicFile.Write(Path.Combine(folder, Graph.Labels!), Lines(graph.Labels!));

        static string Lines(IEnumerable<string?> lines) => string.Concat(lines.Select(line => $"{line}\n"));
    }

    static string Kind(char prefix) => prefix switch
    {
        'T' => "type",
        'M' => "method",
        'P' => "property",
        'F' => "field",
        _ => "event",
    };
}
