using System.Text.Json.Nodes;
using Cclm.Export;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Writes one part as an ONNX subgraph.</summary>
/// <param name="context">The build.</param>
/// <param name="tower">The tower's name; null for the embedder.</param>
sealed class ExportStep(BuildContext context, string? tower) : BuildStep($"export of {(tower is null ? "the embedder" : tower)}", "write")
{
    public static ExportStep Of(BuildContext context, string? tower)
    {
        var (folder, parts) = (context.Training, context.PartsFolder);
        string[] outputs = tower is null ? [ExportFolder.Preprocessor(parts), ExportFolder.Embedder(parts)] : [ExportFolder.Tower(parts, tower)];
        return new(context, tower)
        {
            Inputs = [],
            Parents = [.. ((string[])[folder.PreprocessorFile, folder.EmbedderFile, .. tower is null ? (string[])[] : [folder.TowerFile(tower)]]).Select(context.NameOf)],
            Outputs = [.. outputs.Select(context.NameOf)],
        };
    }

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var (folder, parts) = (context.Training, context.PartsFolder);
        var preprocessor = folder.LoadPreprocessor();
        using var embedder = folder.LoadEmbedder(preprocessor);
        if (tower is null)
        {
            preprocessor.Save(ExportFolder.Preprocessor(parts));
            OnnxFile.Save(ModelExporter.Export(embedder, preprocessor), ExportFolder.Embedder(parts));
            return null;
        }
        using var trained = folder.LoadTower(tower, embedder);
        OnnxFile.Save(ModelExporter.Export(trained, embedder, preprocessor), ExportFolder.Tower(parts, tower));
        return null;
    }
}
