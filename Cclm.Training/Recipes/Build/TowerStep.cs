using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Trains a tower on the embedder as it is, or the embedder with it.</summary>
sealed class TowerStep(BuildContext context, RecipeTower tower, bool withEmbedder)
    : TaskStep(context, tower, NameOf(tower.Name), withEmbedder ? "train, and the embedder with it" : "train")
{
    public static string NameOf(string tower) => $"tower {tower}";

    public static TowerStep Of(BuildContext context, RecipeTower tower, bool withEmbedder)
    {
        var (recipe, folder) = (context.Recipe, context.Training);
        var inputs = InputsOf(context, tower);
        inputs["type"] = tower.Type;
        inputs["options"] = WithDefaults(tower.Options, context.Parts.OptionsOf(tower.Type));
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

    protected override (string Section, int Index) Place => ("towers", Context.Recipe.Towers.Index().First(known => known.Item.Name == tower.Name).Index);

    /// <summary>The tower's name.</summary>
    public string Tower => tower.Name;

    /// <summary>What is to be trained.</summary>
    public TowerJob TowerJob => new(Job)
    {
        Type = tower.Type,
        Options = tower.Options,
        New = new() { Preprocessor = Context.Recipe.Preprocessor.ToPreprocessor(), Embedder = Context.Recipe.Embedder.Options },
    };

    protected override void CheckParts()
    {
        var preprocessor = Context.Training.LoadPreprocessor();
        using var embedder = new ConvEmbedder(TowerJob.New.EmbedderFor(preprocessor), preprocessor.Vocabulary);
        using var made = Context.Parts.MakeTower(tower.Type, embedder, tower.Options);
    }

    protected override TrainedTower TrainOne(CancellationToken cancellation) => new TowerTraining(Context.Training, Context.Parts, Context.Terminal).Train(TowerJob, TakeUp.Continue, cancellation);
}
