using System.Text.Json.Nodes;
using Cclm.Inference;
using Cclm.Training.App;
using Cclm.Training.Data;

namespace Cclm.Training.Recipes;

/// <summary>Writes <c>evaluation.json</c>: what each tower and head reached on held-out texts, and what the composed model's vectors know of a label.</summary>
sealed class EvaluationStep(BuildContext context) : BuildStep(StepName, "measure")
{
    public const string StepName = "evaluation";

    const string FileName = "evaluation.json";
    const int AllButOne = 999;

    public static EvaluationStep Of(BuildContext context)
    {
        var (evaluation, composition) = (context.Recipe.Evaluation, context.Recipe.Composition);
        JsonObject inputs = new() { ["towers"] = new JsonArray([.. context.Recipe.Towers.Select(tower => (JsonNode)tower.Name)]) };
        IEnumerable<string> parents = context.Recipe.Towers.Select(tower => context.NameOf(context.Training.TowerFile(tower.Name)));
        if (context.Recipe.Heads.Count > 0)
        {
            inputs["heads"] = new JsonArray([.. context.Recipe.Heads.Select(head => (JsonNode)head.Name)]);
            parents = parents.Concat(context.Recipe.Heads.Select(head => context.NameOf(context.Training.HeadFile(head.Name))));
        }
        if (evaluation.Probe is { } probe)
        {
            inputs["heldOutPermille"] = evaluation.HeldOutPermille;
            inputs["probe"] = new JsonObject { ["atMost"] = probe.AtMost, ["corpus"] = context.Data(probe.Corpus) };
            parents = parents.Append(composition.File!);
        }
        return new(context) { Inputs = inputs, Parents = [.. parents], Outputs = [FileName] };
    }

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        JsonObject results = new()
        {
            ["towers"] = new JsonObject(context.Recipe.Towers.Select(tower => KeyValuePair.Create(tower.Name, ResultsOf(tower, build)?.DeepClone()))),
        };
        if (context.Recipe.Heads.Count > 0)
        {
            results["heads"] = new JsonObject(context.Recipe.Heads.Select(head => KeyValuePair.Create(head.Name, build.Steps[HeadStep.NameOf(head.Name)].Results?.DeepClone())));
        }
        if (context.Recipe.Evaluation.Probe is { } probe)
        {
            results["probe"] = Probe(probe, cancellation);
        }
        AtomicFile.Write(context.PathOf(FileName), results.ToJsonString(RecipeJson.Options));
        return results;
    }

    JsonNode? ResultsOf(RecipeTower tower, BuildLock build) => context.Recipe.Embedder.Together?.Weights.ContainsKey(tower.Name) == true
        ? TogetherStep.ResultsOf(tower.Name, build)
        : build.Steps[TowerStep.NameOf(tower.Name)].Results;

    JsonObject Probe(RecipeProbe probe, CancellationToken cancellation)
    {
        var rows = Corpus.OpenLabelled(context.Corpus(probe.Corpus));
        var permille = TaskData.HeldOutPermille(rows, context.Recipe.Evaluation.HeldOutPermille);
        // Which texts are taken of many is said by their hashes: chance, but the same in any order of the corpus.
        var train = Corpus.HeldOut(Labelled(held: false), row => row.Text, AllButOne, probe.AtMost);
        var heldOut = Corpus.HeldOut(Labelled(held: true), row => row.Text, permille, Math.Max(1, probe.AtMost / 4));
        var labels = train.Select(row => row.Label).Distinct().Count();
        if (heldOut.Count == 0 || labels < 2)
        {
            throw context.File.Fault($"('{probe.Corpus}') has {labels} labels and {heldOut.Count} texts that are held out; expected two and one or more.", "evaluation", "probe", "corpus");
        }
        using var model = CclmModel.Load(context.PathOf(context.Recipe.Composition.File!), new() { Threads = context.Threads });
        return context.Terminal.Progress("Linear classifier on the vectors", _ =>
        {
            var (learned, asked) = (Embed(train), Embed(heldOut));
            return new JsonObject
            {
                ["trained"] = train.Count,
                ["count"] = heldOut.Count,
                ["labels"] = labels,
                ["majority"] = heldOut.CountBy(row => row.Label).Max(label => (double)label.Value / heldOut.Count),
                ["accuracy"] = Accuracy(vector => vector),
                ["towers"] = new JsonObject(model.Towers.Select(tower => KeyValuePair.Create(tower.Name,
                    (JsonNode?)Accuracy(vector => vector[tower.EmbeddingStart..(tower.EmbeddingStart + tower.EmbeddingWidth)])))),
            };

            double Accuracy(Func<float[], float[]> part) => LinearProbe.Accuracy(
                [.. learned.Select(part)], [.. train.Select(row => row.Label)], [.. asked.Select(part)], [.. heldOut.Select(row => row.Label)]);
        });

        IEnumerable<LabelledText> Labelled(bool held)
        {
            foreach (var (_, row) in rows.Read())
            {
                cancellation.ThrowIfCancellationRequested();
                if (Corpus.IsHeldOut(row.Text, permille) == held)
                {
                    yield return row;
                }
            }
        }

        float[][] Embed(IReadOnlyList<LabelledText> texts) => model.Embed([.. texts.Select(row => row.Text)], cancellationToken: cancellation);
    }
}
