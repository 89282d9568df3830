using Cclm.Export;
using Onnx;

namespace Cclm.Training.App;

/// <summary>Exported parts on disk: <c>preprocessor.json</c>, <c>embedder.onnx</c>, <c>towers/{name}.onnx</c>, <c>heads/{name}.onnx</c>.</summary>
static class ExportFolder
{
    public static string Preprocessor(string folder) => Path.Combine(folder, "preprocessor.json");

    public static string Embedder(string folder) => Path.Combine(folder, "embedder.onnx");

    public static string Tower(string folder, string name) => Path.Combine(folder, "towers", $"{name}.onnx");

    public static string Head(string folder, string name) => Path.Combine(folder, "heads", $"{name}.onnx");

    /// <summary>Exports the embedder, towers and the heads that stand on them of a model in training, all or none.</summary>
    /// <param name="model">The model in training.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="towers">Their names; none means all there are.</param>
    /// <returns>The files, embedder first.</returns>
    public static IReadOnlyList<string> Write(ModelFolder model, string folder, IReadOnlyList<string> towers)
    {
        var preprocessor = model.LoadPreprocessor();
        using var embedder = model.LoadEmbedder(preprocessor);
        List<(string File, ModelProto Model)> parts = [(Embedder(""), ModelExporter.Export(embedder, preprocessor))];
        var names = towers.Count > 0 ? towers : model.TowerNames;
        foreach (var name in names)
        {
            using var tower = model.LoadTower(name, embedder);
            parts.Add((Tower("", name), ModelExporter.Export(tower, embedder, preprocessor)));
        }
        parts.AddRange(model.HeadNames.Where(name => model.BaseOfHead(name).Towers.All(tower => names.Contains(tower.Name)))
            .Select(name => (Head("", name), model.ExportHead(name, preprocessor))));
        return Write(folder, preprocessor.ToJson(), parts);
    }

    /// <summary>Writes the parts that a composed model was taken apart into, all or none.</summary>
    /// <returns>The files, embedder first.</returns>
    public static IReadOnlyList<string> Write(Decomposition parts, string folder) => Write(folder, ModelProperties.Read(parts.Embedder)["cclm.preprocessor"],
    [
        (Embedder(""), parts.Embedder), .. parts.Towers.Select(tower => (Tower("", tower.Name), tower.Model)), .. parts.Options.Heads.Select(head => (Head("", head.Name), head.Model)),
    ]);

    static IReadOnlyList<string> Write(string folder, string preprocessor, IReadOnlyList<(string File, ModelProto Model)> parts)
    {
        FolderUpdate.Write(folder, beside =>
        {
            AtomicFile.Write(Preprocessor(beside), preprocessor);
            foreach (var (file, model) in parts)
            {
                OnnxFile.Save(model, Path.Combine(beside, file));
            }
        });
        return [.. parts.Select(part => Path.Combine(folder, part.File))];
    }

    /// <summary>Stitches exported parts.</summary>
    /// <param name="folder">What was written here, or parts from anywhere laid out like it.</param>
    /// <param name="towers">Names, in the order of their slices; none means all there are.</param>
    /// <param name="heads">Names of the heads that the model is to have.</param>
    /// <param name="options">How.</param>
    public static ModelProto Compose(string folder, IReadOnlyList<string> towers, IReadOnlyList<string> heads, CompositionOptions options)
    {
        var there = NamesIn(folder, "towers");
        if (there.Count == 0)
        {
            throw new InvalidDataException($"There is no tower in '{Path.Combine(folder, "towers")}'. Expected the folder that 'cclm export' wrote; run it first on a model in training.");
        }
        CheckAllThere("tower", towers, there, folder);
        CheckAllThere("head", heads, NamesIn(folder, "heads"), folder);
        var names = towers.Count > 0 ? towers : there;
        return Composer.Compose(OnnxFile.Load(Embedder(folder)), [.. names.Select(name => (name, OnnxFile.Load(Tower(folder, name))))],
            options with { Heads = [.. heads.Select(name => (name, OnnxFile.Load(Head(folder, name))))] });
    }

    static List<string> NamesIn(string folder, string kind) => Directory.Exists(Path.Combine(folder, kind))
        ? [.. Directory.GetFiles(Path.Combine(folder, kind), "*.onnx").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
        : [];

    static void CheckAllThere(string kind, IReadOnlyList<string> asked, List<string> there, string folder)
    {
        if (asked.FirstOrDefault(name => !there.Contains(name)) is { } missing)
        {
            throw new ArgumentException($"There is no {kind} '{missing}' in '{folder}'; there are {(there.Count > 0 ? string.Join(", ", there.Select(name => $"'{name}'")) : "none")}.");
        }
    }
}
