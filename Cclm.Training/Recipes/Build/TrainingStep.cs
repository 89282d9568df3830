using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Trains something on a task.</summary>
abstract class TrainingStep(BuildContext context, RecipeTask recipe, string name, string verb) : BuildStep(name, verb), ITaskUser<object?>
{
    protected BuildContext Context => context;

    /// <summary>What all that is trained is made from.</summary>
    protected static JsonObject InputsOf(BuildContext context, RecipeTask recipe)
    {
        JsonObject inputs = new()
        {
            ["task"] = recipe.Task,
            ["taskOptions"] = WithDefaults(recipe.TaskOptions, context.Tasks.Find(recipe.Task).Options),
            ["training"] = WhatMatters(recipe.Training),
            ["heldOutPermille"] = context.Recipe.Evaluation.HeldOutPermille,
            ["corpus"] = context.Data(recipe.Corpus),
        };
        foreach (var (path, hash) in OptionFiles.Of(TaskOptions(context, recipe), context.Tasks.Find(recipe.Task).Options, context.Hashes.Of))
        {
            inputs[$"the file '{Path.GetFileName(path)}'"] = new JsonObject { ["name"] = Path.GetFileName(path), ["sha256"] = hash };
        }
        return inputs;
    }

    /// <summary>The task's options, with files named as they are found from the recipe's folder.</summary>
    static JsonElement? TaskOptions(BuildContext context, RecipeTask recipe) => OptionFiles.From(context.File.Folder, recipe.TaskOptions, context.Tasks.Find(recipe.Task).Options);

    /// <summary>What all jobs have.</summary>
    protected TrainingJob Job => new()
    {
        Name = recipe.Name,
        Task = context.Tasks.Find(recipe.Task),
        TaskOptions = TaskOptions(context, recipe),
        Corpus = context.Corpus(recipe.Corpus),
        HeldOutPermille = context.Recipe.Evaluation.HeldOutPermille,
        Training = recipe.Training,
    };

    /// <summary>Where it is in the recipe.</summary>
    protected abstract (string Section, int Index) Place { get; }

    /// <summary>Fails where its options can not be trained with.</summary>
    protected virtual void CheckParts()
    {
    }

    /// <summary>Trains, or goes on.</summary>
    protected abstract TrainedTower Train(CancellationToken cancellation);

    /// <summary>Options or data that can not be trained with fail before an hour is spent on the step before this one.</summary>
    public override void Check() => Try(() =>
    {
        CheckParts();
        context.Tasks.Find(recipe.Task).Use(this);
    });

    /// <summary>Fails where its data can not be read; the preprocessor need not be there.</summary>
    public void CheckData() => Try(() => context.Tasks.Find(recipe.Task).Use(this));

    void Try(Action check)
    {
        try
        {
            check();
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw context.File.Fault($"('{recipe.Name}') can not be trained: {Terminal.Message(e)}", Place.Section, Place.Index);
        }
    }

    /// <summary>The first row is read; what it lacks, all do.</summary>
    public object? Use<T>(PretrainingTask<T> task) => task.TextOf(task.Open(context.Corpus(recipe.Corpus)).Read().First().Row);

    public override void Forget() => context.Training.Run(recipe.Name).Clear();

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var run = context.Training.Run(recipe.Name);
        if (before?.Results is { } measured && run.Newest()?.State.Step != (int?)measured["steps"])
        {
            run.Clear();            // it was trained on since, by other means
        }
        foreach (var output in Outputs.Select(context.PathOf).Where(File.Exists))
        {
            File.Delete(output);        // what is there is of other inputs, or half of this
        }
        var trained = Train(cancellation);
        var result = trained.Result;
        return trained.HeldOut is { } heldOut
            ? new([new("steps", result.Steps), new("bestStep", result.BestStep), new("loss", heldOut.Loss), .. heldOut.Measures.Select(measure => KeyValuePair.Create(measure.Name, (JsonNode?)measure.Value)), new("count", heldOut.Count)])
            : throw new OperationCanceledException($"at step {result.Steps:N0} of {recipe.Training.Steps:N0}", cancellation);
    }

    protected static JsonNode? WithDefaults(JsonElement? options, Type type) =>
        JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(options ?? JsonSerializer.SerializeToElement(new { }), type, RecipeJson.Options), type, RecipeJson.Options);

    /// <summary>How often a run is saved, and how much of it is kept, decides nothing about its end.</summary>
    static JsonObject WhatMatters(TrainingOptions training)
    {
        var options = (JsonObject)JsonSerializer.SerializeToNode(training, RecipeJson.Options)!;
        options.Remove("checkpointEvery");
        options.Remove("keepCheckpoints");
        return options;
    }
}
