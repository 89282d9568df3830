using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Inference;
using Cclm.Training.App;
using Cclm.Training.Data;

namespace Cclm.Training.Recipes;

/// <summary>Counts the characters of the texts that are not held out.</summary>
sealed class PreprocessorStep(BuildContext context) : BuildStep("preprocessor", "fit")
{
    public override bool ComesOutOtherwise => false;

    public static PreprocessorStep Of(BuildContext context)
    {
        var options = (JsonObject)JsonSerializer.SerializeToNode(context.Recipe.Preprocessor with { Corpora = null }, RecipeJson.Options)!;
        return new(context)
        {
            Inputs = new()
            {
                ["preprocessor"] = options,
                ["heldOutPermille"] = context.Recipe.Evaluation.HeldOutPermille,
                ["corpora"] = new JsonArray([.. Corpora(context.Recipe).Select(context.Data)]),
            },
            Parents = [],
            Outputs = [context.NameOf(context.Training.PreprocessorFile)],
        };
    }

    static IEnumerable<string> Corpora(Recipe recipe) => recipe.Preprocessor.Corpora ?? recipe.Towers.Select(tower => tower.Corpus).Distinct();

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var (options, permille) = (context.Recipe.Preprocessor, context.Recipe.Evaluation.HeldOutPermille);
        var vocabulary = context.Terminal.Progress("Counting characters", _ => Vocabulary.Fit(Corpora(context.Recipe).SelectMany(Texts), options.ToVocabulary()));
        new Preprocessor(vocabulary, options.ToPreprocessor()).Save(context.Training.PreprocessorFile);
        return null;

        IEnumerable<string> Texts(string corpus)
        {
            var rows = Corpus.Open(context.Corpus(corpus));
            var share = TaskData.HeldOutPermille(rows, permille);
            foreach (var (_, text) in rows.Read())
            {
                cancellation.ThrowIfCancellationRequested();
                if (!Corpus.IsHeldOut(text, share))
                {
                    yield return text;
                }
            }
        }
    }
}
