using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Trains a tower on the embedder as it is, or the embedder with it.</summary>
sealed class TowerStep : BuildStep, ITaskUser<object?>
{
    readonly BuildContext context;
    readonly RecipeTower tower;
    readonly bool withEmbedder;

    TowerStep(BuildContext context, RecipeTower tower, bool withEmbedder) : base(NameOf(tower.Name), withEmbedder ? "train, and the embedder with it" : "train") =>
        (this.context, this.tower, this.withEmbedder) = (context, tower, withEmbedder);

    public static string NameOf(string tower) => $"tower {tower}";

    public static TowerStep Of(BuildContext context, RecipeTower tower, bool withEmbedder)
    {
        var (recipe, folder) = (context.Recipe, context.Training);
        JsonObject inputs = new()
        {
            ["task"] = tower.Task,
            ["taskOptions"] = WithDefaults(tower.TaskOptions, context.Tasks.Find(tower.Task).Options),
            ["type"] = tower.Type,
            ["options"] = WithDefaults(tower.Options, context.Parts.OptionsOf(tower.Type)),
            ["training"] = WhatMatters(tower.Training),
            ["heldOutPermille"] = recipe.Evaluation.HeldOutPermille,
            ["corpus"] = context.Data(tower.Corpus),
        };
        if (withEmbedder)
        {
            var vocabulary = new Inference.Preprocessor(Inference.Vocabulary.Fit([]), recipe.Preprocessor.ToPreprocessor());
            var embedder = (JsonObject)JsonSerializer.SerializeToNode(new NewModel { Embedder = recipe.Embedder.Options }.EmbedderFor(vocabulary), RecipeJson.Options)!;
            embedder.Remove("vocabulary");              // the preprocessor's to say
            inputs["embedder"] = embedder;
        }
        string[] trained = [folder.TowerFile(tower.Name), folder.HeadFile(tower.Name)];
        return new(context, tower, withEmbedder)
        {
            Inputs = inputs,
            Parents = [.. (withEmbedder ? (string[])[folder.PreprocessorFile] : [folder.PreprocessorFile, folder.EmbedderFile]).Select(context.NameOf)],
            Outputs = [.. (withEmbedder ? [folder.EmbedderFile, .. trained] : trained).Select(context.NameOf)],
        };
    }

    TowerJob Job => new()
    {
        Name = tower.Name,
        Task = context.Tasks.Find(tower.Task),
        TaskOptions = tower.TaskOptions,
        Corpus = context.Corpus(tower.Corpus),
        HeldOutPermille = context.Recipe.Evaluation.HeldOutPermille,
        Type = tower.Type,
        Options = tower.Options,
        Training = tower.Training,
        New = new() { Preprocessor = context.Recipe.Preprocessor.ToPreprocessor(), Embedder = context.Recipe.Embedder.Options },
    };

    /// <summary>Options or data that can not be trained with fail before an hour is spent on the tower before this one.</summary>
    public override void Check()
    {
        var place = context.Recipe.Towers.Index().First(known => known.Item.Name == tower.Name).Index;
        try
        {
            var job = Job;
            using var embedder = new ConvEmbedder(job.New.EmbedderFor(context.Training.LoadPreprocessor()));
            using var made = context.Parts.MakeTower(job.Type, embedder, job.Options);
            job.Task.Use(this);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw context.File.Fault($"('{tower.Name}') can not be trained: {Terminal.Message(e)}", "towers", place);
        }
    }

    /// <summary>The first row is read; what it lacks, all do.</summary>
    public object? Use<T>(PretrainingTask<T> task) => task.TextOf(task.Open(context.Corpus(tower.Corpus)).Read().First().Row);

    public override void Forget() => context.Training.Run(tower.Name).Clear();

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var run = context.Training.Run(tower.Name);
        if (before?.Results is { } measured && run.Newest()?.State.Step != (int?)measured["steps"])
        {
            run.Clear();            // it was trained on since, by other means
        }
        foreach (var output in Outputs.Select(context.PathOf).Where(File.Exists))
        {
            File.Delete(output);        // what is there is of other inputs, or half of this
        }
        var trained = new TowerTraining(context.Training, context.Parts, context.Terminal).Train(Job, TakeUp.Continue, cancellation);
        var result = trained.Result;
        return trained.HeldOut is { } heldOut
            ? new([new("steps", result.Steps), new("bestStep", result.BestStep), new("loss", heldOut.Loss), .. heldOut.Measures.Select(measure => KeyValuePair.Create(measure.Name, (JsonNode?)measure.Value)), new("count", heldOut.Count)])
            : throw new OperationCanceledException($"at step {result.Steps:N0} of {tower.Training.Steps:N0}", cancellation);
    }

    /// <summary>How often a run is saved, and how much of it is kept, decides nothing about its end.</summary>
    static JsonObject WhatMatters(TrainingOptions training)
    {
        var options = (JsonObject)JsonSerializer.SerializeToNode(training, RecipeJson.Options)!;
        options.Remove("checkpointEvery");
        options.Remove("keepCheckpoints");
        return options;
    }

    static JsonNode? WithDefaults(JsonElement? options, Type type) =>
        JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(options ?? JsonSerializer.SerializeToElement(new { }), type, RecipeJson.Options), type, RecipeJson.Options);
}
