using System.Text.Json.Nodes;

namespace Cclm.Training.Recipes;

/// <summary>Trains: a run that is gone on with where it was stopped.</summary>
/// <param name="context">The build.</param>
/// <param name="run">The run's name in the model's folder.</param>
/// <param name="name">What the lock and messages call the step.</param>
/// <param name="verb">What making it is called.</param>
abstract class TrainingStep(BuildContext context, string run, string name, string verb) : BuildStep(name, verb)
{
    protected BuildContext Context => context;

    /// <summary>Fails where its data can not be read; the preprocessor need not be there.</summary>
    public abstract void CheckData();

    /// <summary>How it is trained.</summary>
    protected abstract TrainingOptions Training { get; }

    /// <summary>Trains, or goes on.</summary>
    /// <returns>How it ended, and what was measured then; nothing where it was stopped.</returns>
    protected abstract (TrainingResult Result, JsonObject? Measured) Train(CancellationToken cancellation);

    public override void Forget() => context.Training.Run(run).Clear();

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var folder = context.Training.Run(run);
        if (before?.Results is { } measured && folder.Newest()?.State.Step != (int?)measured["steps"])
        {
            folder.Clear();             // it was trained on since, by other means
        }
        foreach (var output in Outputs.Select(context.PathOf).Where(File.Exists))
        {
            File.Delete(output);        // what is there is of other inputs, or half of this
        }
        var (result, now) = Train(cancellation);
        return now ?? throw new OperationCanceledException($"at step {result.Steps:N0} of {Training.Steps:N0}", cancellation);
    }

    /// <summary>What a run reached, for the lock and the evaluation.</summary>
    protected static JsonObject Measured(TrainingResult result, Evaluation heldOut) => new(
    [
        new("steps", result.Steps), new("bestStep", result.BestStep), new("loss", heldOut.Loss),
        .. heldOut.Measures.Select(measure => KeyValuePair.Create(measure.Name, (JsonNode?)measure.Value)), new("count", heldOut.Count),
    ]);

    /// <summary>The options that decide what comes of a run: how often it is saved, and how much of it is kept, decides nothing.</summary>
    protected static JsonObject WhatMatters(TrainingOptions training)
    {
        var options = (JsonObject)System.Text.Json.JsonSerializer.SerializeToNode(training, RecipeJson.Options)!;
        options.Remove("checkpointEvery");
        options.Remove("keepCheckpoints");
        return options;
    }
}
