using System.Collections.Immutable;
using System.Text.Json;
using Cclm.Inference;

namespace Cclm.Training.Recipes;

/// <summary>What has to hold of a recipe beyond its shape: names name something, numbers are in their ranges, options are those of their task or type.</summary>
sealed class RecipeRules(JsonText text, Recipe recipe, PartTypes parts, TaskTypes tasks)
{
    static readonly ImmutableArray<object> Towers = ["towers"], Heads = ["heads"];

    public void Check()
    {
        CheckCorpora();
        CheckTowers();
        CheckHeads();
        CheckPreprocessor();
        CheckEmbedder();
        CheckComposition();
        CheckQuantization();
        CheckEvaluation();
    }

    void CheckCorpora()
    {
        foreach (var (name, corpus) in recipe.Corpora)
        {
            if (corpus.Paths.Count == 0)
            {
                throw text.Fault("is empty; expected at least one file, folder or pattern.", "corpora", name, "paths");
            }
            foreach (var (i, path) in corpus.Paths.Index())
            {
                if (path is "" or "-" || path.Contains('\0'))
                {
                    throw text.Fault($"is {RecipeJson.Word(path)}; expected a file, folder or pattern, which is there at each build.", "corpora", name, "paths", i);
                }
            }
        }
    }

    void CheckTowers()
    {
        if (recipe.Towers.Count == 0)
        {
            throw text.Fault("is empty; expected at least one tower.", "towers");
        }
        HashSet<string> names = [];
        foreach (var (i, tower) in recipe.Towers.Index())
        {
            var path = Towers.Add(i);
            CheckTask(tower, names, path);
            CheckName(tower.Type, parts.Towers, path.Add("type"));
            CheckOptions(tower.Options, parts.OptionsOf(tower.Type), path.Add("options"));
        }
    }

    void CheckHeads()
    {
        var names = TowerNames;         // a tower's head has its name
        foreach (var (i, head) in recipe.Heads.Index())
        {
            var path = Heads.Add(i);
            CheckTask(head, names, path);
            CheckName(head.Task, tasks.OfHeads.Select(known => known.Name), path.Add("task"));
            CheckNames(head.Towers, recipe.Composition.Towers ?? [.. recipe.Towers.Select(tower => tower.Name)], path.Add("towers"));
        }
    }

    void CheckTask(RecipeTask task, HashSet<string> names, ImmutableArray<object> path)
    {
        Try(() => PartTypes.CheckName(task.Name), path.Add("name"));
        if (!names.Add(task.Name))
        {
            throw text.Fault($"is '{task.Name}', as another's. Give each a name of its own.", [.. path, "name"]);
        }
        CheckName(task.Task, tasks.All.Select(known => known.Name), path.Add("task"));
        CheckName(task.Corpus, recipe.Corpora.Keys, path.Add("corpus"));
        CheckOptions(task.TaskOptions, tasks.Find(task.Task).Options, path.Add("taskOptions"));
        Try(task.Training.Check, path.Add("training"));
    }

    void CheckPreprocessor()
    {
        var options = recipe.Preprocessor;
        CheckNames(options.Corpora, recipe.Corpora.Keys, ["preprocessor", "corpora"]);
        Try(() => _ = new Preprocessor(Vocabulary.Fit([], options.ToVocabulary()), options.ToPreprocessor()), ["preprocessor"]);
    }

    void CheckEmbedder()
    {
        CheckOptions(recipe.Embedder.Options, typeof(EmbedderOptions), ["embedder", "options"], "vocabulary");     // which is the preprocessor's to say
        if (recipe.Embedder.TrainedWith is { } tower)
        {
            CheckName(tower, TowerNames, ["embedder", "trainedWith"]);
        }
        if (recipe.Embedder.Together is { } together)
        {
            CheckTogether(together, ["embedder", "together"]);
        }
        var empty = new Preprocessor(Vocabulary.Fit([]), recipe.Preprocessor.ToPreprocessor());
        Try(() => new NewModel { Embedder = recipe.Embedder.Options }.EmbedderFor(empty).Check(), ["embedder", "options"]);
    }

    void CheckTogether(RecipeTogether together, ImmutableArray<object> path)
    {
        if (recipe.Embedder.TrainedWith is not null)
        {
            throw text.Fault("says otherwise than 'trainedWith' beside it; give one of them.", [.. path]);
        }
        if (together.Weights.Count < 2)
        {
            throw text.Fault($"names {(together.Weights.Count == 0 ? "no tower" : "one tower")}; expected two or more. One tower is named by 'trainedWith'.", [.. path, "weights"]);
        }
        foreach (var (name, weight) in together.Weights)
        {
            CheckName(name, TowerNames, path.Add("weights").Add(name));
            if (!(weight > 0))
            {
                throw text.Fault($"is {weight}; expected a number above 0.", [.. path, "weights", name]);
            }
            var tower = recipe.Towers.Index().First(tower => tower.Item.Name == name).Index;
            if (Place([.. Towers, tower, "training"]) is not null)
            {
                throw text.Fault($"would not be used: '{name}' is trained as 'embedder.together.training' says. Leave it out.", [.. Towers, tower, "training"]);
            }
        }
        Try(together.Training.Check, path.Add("training"));
    }

    void CheckComposition()
    {
        var composition = recipe.Composition;
        CheckNames(composition.Towers, TowerNames, ["composition", "towers"]);
        foreach (var (name, file) in ((string, string?)[])[("file", composition.File), ("textInFile", composition.TextInFile)])
        {
            CheckFile(file, "composition", name);
        }
        if (composition.File == composition.TextInFile)
        {
            throw text.Fault($"is {(composition.File is null ? "null, and 'file' too" : $"'{composition.File}', as 'file'")}; expected two names, or one and null.", "composition", "textInFile");
        }
    }

    void CheckFile(string? file, params object[] place)
    {
        if (file is not null && (!file.EndsWith(".onnx", StringComparison.Ordinal) || file.StartsWith('.') || file.AsSpan().ContainsAny("/\\:\0")))
        {
            throw text.Fault($"is {RecipeJson.Word(file)}; expected the name of a file that ends in .onnx, without a folder.", place);
        }
    }

    void CheckQuantization()
    {
        if (recipe.Quantization is not { } quantization)
        {
            return;
        }
        CheckName(quantization.Corpus, recipe.Corpora.Keys, ["quantization", "corpus"]);
        CheckFile(quantization.File, "quantization", "file");
        if (quantization.File == recipe.Composition.File || quantization.File == recipe.Composition.TextInFile)
        {
            throw text.Fault($"is '{quantization.File}', as a composed model; expected another name.", "quantization", "file");
        }
        foreach (var (name, cosine) in ((string, double)[])[("minCosine", quantization.MinCosine), ("worstCosine", quantization.WorstCosine)])
        {
            if (cosine is not (>= -1 and <= 1))
            {
                throw text.Fault($"is {cosine}; expected a cosine, usually 0.99 to 0.9999.", "quantization", name);
            }
        }
        if (quantization.AtMost < 1)
        {
            throw text.Fault($"is {quantization.AtMost}; expected 1 or more, usually hundreds.", "quantization", "atMost");
        }
    }

    void CheckEvaluation()
    {
        if (recipe.Evaluation.HeldOutPermille is < 1 or > 999)
        {
            throw text.Fault($"is {recipe.Evaluation.HeldOutPermille}; expected 1 to 999, usually 50 to 200.", "evaluation", "heldOutPermille");
        }
        if (recipe.Evaluation.Probe is not { } probe)
        {
            return;
        }
        CheckName(probe.Corpus, recipe.Corpora.Keys, ["evaluation", "probe", "corpus"]);
        if (probe.AtMost < 8)
        {
            throw text.Fault($"is {probe.AtMost}; expected 8 or more, usually thousands.", "evaluation", "probe", "atMost");
        }
        if (recipe.Composition is { Pooling: null } or { File: null })
        {
            throw text.Fault("needs vectors: give the composition a pooling and a file, or leave the probe out.", "evaluation", "probe");
        }
    }

    HashSet<string> TowerNames => [.. recipe.Towers.Select(tower => tower.Name)];

    void CheckNames(IReadOnlyList<string>? names, IEnumerable<string> known, ImmutableArray<object> path)
    {
        if (names is { Count: 0 })
        {
            throw text.Fault("is empty; expected at least one name, or null for the default.", [.. path]);
        }
        HashSet<string> seen = [];
        foreach (var (i, name) in (names ?? []).Index())
        {
            CheckName(name, known, path.Add(i));
            if (!seen.Add(name))
            {
                throw text.Fault($"is '{name}', as another; expected each once.", [.. path, i]);
            }
        }
    }

    void CheckName(string name, IEnumerable<string> known, ImmutableArray<object> path)
    {
        if (!known.Contains(name))
        {
            throw text.Fault($"is '{name}'{Suggestion.Among(name, known)}", [.. path]);
        }
    }

    void CheckOptions(JsonElement? options, Type type, ImmutableArray<object> path, params ReadOnlySpan<string> without)
    {
        if (options is not null)
        {
            new JsonShape(text).Check(path.Aggregate(text.Root, (place, step) => place[step]!), type, path, without);
            return;
        }
        foreach (var property in RecipeJson.Options.GetTypeInfo(type).Properties)
        {
            if (property.IsRequired && !without.Contains(property.Name))
            {
                throw text.Fault($"is missing; '{property.Name}' in it has no default.", [.. path]);
            }
        }
    }

    /// <summary>An option's own check names the option; the place is that of its value, where the recipe has one.</summary>
    void Try(Action check, ImmutableArray<object> path)
    {
        try
        {
            check();
        }
        catch (ArgumentException e)
        {
            var option = JsonNamingPolicy.CamelCase.ConvertName(e.ParamName ?? "");
            throw text.Fault($"is not sound: {App.Terminal.Message(e)}", Place(path)?[option] is null ? [.. path] : [.. path, option]);
        }
    }

    JsonPlace? Place(ImmutableArray<object> path) => path.Aggregate((JsonPlace?)text.Root, (place, step) => place?[step]);
}
