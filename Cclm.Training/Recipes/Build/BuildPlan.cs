namespace Cclm.Training.Recipes;

/// <summary>The steps of a recipe, each after those that it needs.</summary>
static class BuildPlan
{
    public static IReadOnlyList<BuildStep> Of(BuildContext context)
    {
        var recipe = context.Recipe;
        var (withEmbedder, others) = WithEmbedder(context);
        return
        [
            PreprocessorStep.Of(context),
            withEmbedder,
            .. others.Select(tower => TowerStep.Of(context, tower, withEmbedder: false)),
            .. recipe.Heads.Select(head => HeadStep.Of(context, head)),
            ExportStep.OfEmbedder(context),
            .. recipe.Towers.Select(tower => ExportStep.OfTower(context, tower.Name)),
            .. recipe.Heads.Select(head => ExportStep.OfHead(context, head.Name)),
            CompositionStep.Of(context),
            .. recipe.Quantization is { } quantization ? [QuantizationStep.Of(context, quantization)] : (BuildStep[])[],
            EvaluationStep.Of(context),
        ];
    }

    /// <summary>The step that the embedder is trained in, and the towers that are trained on it as it then is.</summary>
    static (BuildStep, IEnumerable<RecipeTower>) WithEmbedder(BuildContext context)
    {
        var recipe = context.Recipe;
        if (recipe.Embedder.Together is { } together)
        {
            return (TogetherStep.Of(context, together), recipe.Towers.Where(tower => !together.Weights.ContainsKey(tower.Name)));
        }
        var first = recipe.Embedder.TrainedWith is { } name ? recipe.Towers.First(tower => tower.Name == name) : recipe.Towers[0];
        return (TowerStep.Of(context, first, withEmbedder: true), recipe.Towers.Where(tower => tower != first));
    }
}
