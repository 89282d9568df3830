using System.Text.Json.Nodes;
using Cclm.Export;
using Cclm.Training.App;
using Onnx;

namespace Cclm.Training.Recipes;

/// <summary>Writes one part as an ONNX subgraph.</summary>
/// <param name="context">The build.</param>
/// <param name="part">The part in words.</param>
/// <param name="export">The part as a graph.</param>
sealed class ExportStep(BuildContext context, string part, Func<Inference.Preprocessor, ModelProto> export) : BuildStep($"export of {part}", "write")
{
    public static ExportStep OfEmbedder(BuildContext context)
    {
        var (folder, parts) = (context.Training, context.PartsFolder);
        return Of(context, "the embedder", [folder.EmbedderFile], [ExportFolder.Embedder(parts), ExportFolder.Preprocessor(parts)], preprocessor =>
        {
            using var embedder = folder.LoadEmbedder(preprocessor);
            preprocessor.Save(ExportFolder.Preprocessor(parts));
            return ModelExporter.Export(embedder, preprocessor);
        });
    }

    public static ExportStep OfTower(BuildContext context, string name)
    {
        var folder = context.Training;
        return Of(context, name, [folder.EmbedderFile, folder.TowerFile(name)], [ExportFolder.Tower(context.PartsFolder, name)], preprocessor =>
        {
            using var embedder = folder.LoadEmbedder(preprocessor);
            using var tower = folder.LoadTower(name, embedder);
            return ModelExporter.Export(tower, embedder, preprocessor);
        });
    }

    public static ExportStep OfHead(BuildContext context, string name)
    {
        var folder = context.Training;
        return Of(context, $"head {name}", [folder.HeadFile(name)], [ExportFolder.Head(context.PartsFolder, name)], preprocessor => folder.ExportHead(name, preprocessor));
    }

    static ExportStep Of(BuildContext context, string part, IEnumerable<string> parents, IEnumerable<string> outputs, Func<Inference.Preprocessor, ModelProto> export) => new(context, part, export)
    {
        Inputs = [],
        Parents = [.. parents.Prepend(context.Training.PreprocessorFile).Select(context.NameOf)],
        Outputs = [.. outputs.Select(context.NameOf)],
    };

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        OnnxFile.Save(export(context.Training.LoadPreprocessor()), context.PathOf(Outputs[0]));
        return null;
    }
}
