using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Trains something on a task.</summary>
abstract class TaskStep(BuildContext context, RecipeTask recipe, string name, string verb) : TrainingStep(context, recipe.Name, name, verb), ITaskUser<object?>
{
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
        Task = Context.Tasks.Find(recipe.Task),
        TaskOptions = TaskOptions(Context, recipe),
        Corpus = Context.Corpus(recipe.Corpus),
        HeldOutPermille = Context.Recipe.Evaluation.HeldOutPermille,
        Training = recipe.Training,
    };

    protected sealed override TrainingOptions Training => recipe.Training;

    /// <summary>Where it is in the recipe.</summary>
    protected abstract (string Section, int Index) Place { get; }

    /// <summary>Fails where its options can not be trained with.</summary>
    protected virtual void CheckParts()
    {
    }

    /// <summary>Trains, or goes on.</summary>
    protected abstract TrainedTower TrainOne(CancellationToken cancellation);

    protected sealed override (TrainingResult, JsonObject?) Train(CancellationToken cancellation)
    {
        var trained = TrainOne(cancellation);
        return (trained.Result, trained.HeldOut is { } heldOut ? Measured(trained.Result, heldOut) : null);
    }

    /// <summary>Options or data that can not be trained with fail before an hour is spent on the step before this one.</summary>
    public override void Check() => Try(() =>
    {
        CheckParts();
        Context.Tasks.Find(recipe.Task).Use(this);
    });

    public override void CheckData() => Try(() => Context.Tasks.Find(recipe.Task).Use(this));

    void Try(Action check)
    {
        try
        {
            check();
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw Context.File.Fault($"('{recipe.Name}') can not be trained: {Terminal.Message(e)}", Place.Section, Place.Index);
        }
    }

    /// <summary>The first row is read; what it lacks, all do.</summary>
    public object? Use<T>(PretrainingTask<T> task) => task.TextOf(task.Open(Context.Corpus(recipe.Corpus)).Read().First().Row);

    protected static JsonNode? WithDefaults(JsonElement? options, Type type) =>
        JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(options ?? JsonSerializer.SerializeToElement(new { }), type, RecipeJson.Options), type, RecipeJson.Options);
}
