using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Trains the embedder with several towers in one run.</summary>
sealed class TogetherStep(BuildContext context, RecipeTogether together, IReadOnlyList<TowerStep> towers)
    : TrainingStep(context, JointTraining.RunName, StepName, $"train with {string.Join(", ", together.Weights.Keys)}")
{
    const string StepName = "embedder";

    public static TogetherStep Of(BuildContext context, RecipeTogether together)
    {
        var towers = context.Recipe.Towers.Where(tower => together.Weights.ContainsKey(tower.Name)).Select(tower => TowerStep.Of(context, tower, withEmbedder: true)).ToList();
        JsonObject inputs = new() { ["training"] = WhatMatters(together.Training) };
        foreach (var step in towers)
        {
            var ofTower = (JsonObject)step.Inputs.DeepClone();
            ofTower["training"] = new JsonObject { ["weight"] = together.Weights[step.Tower] };
            inputs[step.Tower] = ofTower;
        }
        return new(context, together, towers)
        {
            Inputs = inputs,
            Parents = towers[0].Parents,
            Outputs = [.. towers.SelectMany(step => step.Outputs).Distinct()],
        };
    }

    /// <summary>What the run reached with one of its towers.</summary>
    public static JsonNode? ResultsOf(string tower, BuildLock build) => build.Steps[StepName].Results?["towers"]?[tower];

    public override void CheckData() => Each(step => step.CheckData());

    public override void Check() => Each(step => step.Check());

    protected override TrainingOptions Training => together.Training;

    protected override (TrainingResult, JsonObject?) Train(CancellationToken cancellation)
    {
        var (result, heldOut) = new JointTraining(Context.Training, Context.Parts, Context.Terminal)
            .Train([.. towers.Select(step => (step.TowerJob, together.Weights[step.Tower]))], together.Training, cancellation);
        return (result, heldOut is null ? null : new()
        {
            ["steps"] = result.Steps,
            ["towers"] = new JsonObject(heldOut.Select(tower => KeyValuePair.Create(tower.Key, (JsonNode?)Measured(result, tower.Value)))),
        });
    }

    void Each(Action<TowerStep> act)
    {
        foreach (var step in towers)
        {
            act(step);
        }
    }
}
