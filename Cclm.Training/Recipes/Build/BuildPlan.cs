namespace Cclm.Training.Recipes;

/// <summary>The steps of a recipe, each after those that it needs.</summary>
static class BuildPlan
{
    public static IReadOnlyList<BuildStep> Of(BuildContext context)
    {
        var recipe = context.Recipe;
        var first = recipe.Embedder.TrainedWith is { } name ? recipe.Towers.First(tower => tower.Name == name) : recipe.Towers[0];
        return
        [
            PreprocessorStep.Of(context),
            TowerStep.Of(context, first, withEmbedder: true),
            .. recipe.Towers.Where(tower => tower != first).Select(tower => TowerStep.Of(context, tower, withEmbedder: false)),
            .. recipe.Heads.Select(head => HeadStep.Of(context, head)),
            ExportStep.OfEmbedder(context),
            .. recipe.Towers.Select(tower => ExportStep.OfTower(context, tower.Name)),
            .. recipe.Heads.Select(head => ExportStep.OfHead(context, head.Name)),
            CompositionStep.Of(context),
            EvaluationStep.Of(context),
        ];
    }
}
