using System.Text.Json.Nodes;
using Cclm.Export;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Stitches the exported parts.</summary>
sealed class CompositionStep(BuildContext context) : BuildStep("composition", "stitch")
{
    public static CompositionStep Of(BuildContext context)
    {
        var (composition, parts) = (context.Recipe.Composition, context.PartsFolder);
        return new(context)
        {
            Inputs = new()
            {
                ["towers"] = new JsonArray([.. Towers(context.Recipe).Select(name => (JsonNode)name)]),
                ["heads"] = new JsonArray([.. Heads(context.Recipe).Select(name => (JsonNode)name)]),
                ["pooling"] = composition.ToOptions().Pooling?.ToString(),
                ["file"] = composition.File,
                ["textInFile"] = composition.TextInFile,
            },
            Parents = [.. Towers(context.Recipe).Select(name => ExportFolder.Tower(parts, name)).Prepend(ExportFolder.Embedder(parts)).Concat(Heads(context.Recipe).Select(name => ExportFolder.Head(parts, name))).Select(context.NameOf)],
            Outputs = [.. context.Models.Select(context.NameOf)],
        };
    }

    /// <summary>The towers of the model, in the order of their slices.</summary>
    public static IEnumerable<string> Towers(Recipe recipe) => recipe.Composition.Towers ?? recipe.Towers.Select(tower => tower.Name);

    static IEnumerable<string> Heads(Recipe recipe) => recipe.Heads.Select(head => head.Name);

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var composition = context.Recipe.Composition;
        var model = ExportFolder.Compose(context.PartsFolder, [.. Towers(context.Recipe)], [.. Heads(context.Recipe)], composition.ToOptions());
        if (composition.File is { } file)
        {
            OnnxFile.Save(model, context.PathOf(file));
        }
        if (composition.TextInFile is { } textIn)
        {
            OnnxFile.Save(TextInput.Prepend(model), context.PathOf(textIn));
        }
        return null;
    }
}
