using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Trains a head on towers, which it leaves as they are.</summary>
sealed class HeadStep(BuildContext context, RecipeHead head) : TaskStep(context, head, NameOf(head.Name), "train")
{
    public static string NameOf(string head) => $"head {head}";

    public static HeadStep Of(BuildContext context, RecipeHead head)
    {
        var folder = context.Training;
        var inputs = InputsOf(context, head);
        inputs["towers"] = new JsonArray([.. Towers(context.Recipe, head).Select(name => (JsonNode)name)]);
        return new(context, head)
        {
            Inputs = inputs,
            Parents = [.. ((IEnumerable<string>)[folder.PreprocessorFile, folder.EmbedderFile, .. Towers(context.Recipe, head).Select(folder.TowerFile)]).Select(context.NameOf)],
            Outputs = [context.NameOf(folder.HeadFile(head.Name))],
        };
    }

    protected override (string Section, int Index) Place => ("heads", Context.Recipe.Heads.Index().First(known => known.Item.Name == head.Name).Index);

    protected override TrainedTower TrainOne(CancellationToken cancellation) => new HeadTraining(Context.Training, Context.Training, Context.Terminal)
        .Train(new(Job) { Towers = [.. Towers(Context.Recipe, head)], Freeze = [HeadTraining.Embedder, HeadTraining.AllTowers] }, TakeUp.Continue, cancellation);

    static IEnumerable<string> Towers(Recipe recipe, RecipeHead head) => head.Towers ?? CompositionStep.Towers(recipe);
}
