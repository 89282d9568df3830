using Cclm.Inference;

namespace Cclm.Training;

/// <summary>Puts fetched items into a model in training, to train on. What does not belong there is refused before anything is written.</summary>
public static class ItemInstaller
{
    /// <summary>Installs an item.</summary>
    /// <param name="item">A preprocessor, embedder, tower or head.</param>
    /// <param name="model">The model in training; a preprocessor or embedder can begin one.</param>
    /// <returns>The files that were written; none where the item was there already.</returns>
    /// <exception cref="InvalidDataException">The item was trained on another embedder, vocabulary or tower than the model's, which the message names, or is not what it says.</exception>
    /// <exception cref="IOException">Another process trains in the folder, or it can not be written to.</exception>
    public static IReadOnlyList<string> Install(ShelfItem item, ModelFolder model)
    {
        var component = item.Component;
        var title = $"The {component.Kind.ItemType} '{component.Identifier}'";
        if (component.Kind == ComponentKind.Composed)
        {
            throw new InvalidDataException($"{title} can not be trained on; it is used as it is: '{item.OnnxFile}'.");
        }
        if (component.Kind is ComponentKind.Tower or ComponentKind.Head && !File.Exists(model.EmbedderFile))
        {
            throw new InvalidDataException($"{title} stands on the {Parent(component)}, but there is no embedder in '{model.Path}'. Fetch that into it first.");
        }
        using var alone = model.Lock();
        CheckVocabulary(component, model, title);
        return component.Kind switch
        {
            ComponentKind.Preprocessor => Write(model, title, (item.PreprocessorFile, model.PreprocessorFile)),
            ComponentKind.Embedder => Embedder(item, model, title),
            ComponentKind.Tower => Tower(item, model, title),
            _ => Head(item, model, title),
        };
    }

    static IReadOnlyList<string> Embedder(ShelfItem item, ModelFolder model, string title)
    {
        if (File.Exists(model.EmbedderFile))
        {
            using var there = model.LoadEmbedder(model.LoadPreprocessor());
            Check(there.WeightsHash() == item.Component.Weights, $"{title} is {item.Component.Weights}, but the embedder in '{model.Path}' is {there.WeightsHash()}, and its towers stand on that. Fetch it into another folder.");
        }
        return Write(model, title, [(item.PreprocessorFile, model.PreprocessorFile), (item.WeightsFile, model.EmbedderFile)], written =>
        {
            using var embedder = written.LoadEmbedder(Preprocessor.Load(item.PreprocessorFile));
            CheckWeights(item, title, embedder.WeightsHash());
        });
    }

    static IReadOnlyList<string> Tower(ShelfItem item, ModelFolder model, string title)
    {
        using var embedder = model.LoadEmbedder(model.LoadPreprocessor());
        CheckParent(item.Component, title, $"embedder in '{model.Path}'", embedder.WeightsHash());
        var name = item.Component.Name;
        return Write(model, title, [(item.WeightsFile, model.TowerFile(name))], written =>
        {
            using var tower = written.LoadTower(name, embedder);
            CheckWeights(item, title, tower.WeightsHash());
        });
    }

    static IReadOnlyList<string> Head(ShelfItem item, ModelFolder model, string title)
    {
        var name = item.Component.Name;
        using var embedder = model.LoadEmbedder(model.LoadPreprocessor());
        foreach (var parent in item.Component.Parents)
        {
            var file = model.TowerFile(parent.Name ?? "");
            Check(File.Exists(file), $"{title} stands on the tower '{parent.Name}' {parent.Hash}, but there is no '{file}'. Fetch that into it first.");
            using var there = model.LoadTower(parent.Name!, embedder);
            Check(there.WeightsHash() == parent.Hash, $"{title} stands on the tower '{parent.Name}' {parent.Hash}, but that in '{model.Path}' is {there.WeightsHash()}. Fetch what it was trained on into a folder of its own, and it after that.");
        }
        return Write(model, title, [(item.WeightsFile, model.HeadFile(name))], written => CheckWeights(item, title, HeadWeights.Hash(written.HeadFile(name))));
    }

    static void CheckVocabulary(Component component, ModelFolder model, string title)
    {
        if (File.Exists(model.PreprocessorFile) && model.LoadPreprocessor().Vocabulary.Hash is var there)
        {
            Check(there == component.Vocabulary, $"{title} was trained with the vocabulary {component.Vocabulary}, but '{model.PreprocessorFile}' has {there}. Fetch it into another folder, or fetch parts that share one preprocessor.");
        }
    }

    static void CheckParent(Component component, string title, string what, string hash) => Check(
        component.Parents.Any(parent => parent.Hash == hash), $"{title} stands on the {Parent(component)}, but the {what} is {hash}. Fetch what it was trained on into a folder of its own, and it after that.");

    static void CheckWeights(ShelfItem item, string title, string found) => Check(
        found == item.Component.Weights, $"{title} has weights that hash to {found}, but its component.json says {item.Component.Weights}. Ask whoever published it.");

    static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise);
        }
    }

    static string Parent(Component component) => component.Parents is [var parent, ..]
        ? $"{parent.Kind.ItemType} {parent.Hash}"
        : "(nothing named)";

    static IReadOnlyList<string> Write(ModelFolder model, string title, params ReadOnlySpan<(string From, string To)> files) => Write(model, title, files, _ => { });

    /// <summary>Copies the files that are not there yet, all or none, after a check of the copies where they lie beside the model.</summary>
    static IReadOnlyList<string> Write(ModelFolder model, string title, ReadOnlySpan<(string From, string To)> files, Action<ModelFolder> check)
    {
        List<(string From, string To)> missing = [];
        foreach (var (from, to) in files)
        {
            if (!File.Exists(to))
            {
                missing.Add((from, to));
            }
            else
            {
                Check(FileHash.Of(from) == FileHash.Of(to), $"{title} would replace '{to}', which has other content. Fetch it into another folder, or move the file away.");
            }
        }
        if (missing.Count > 0)
        {
            FolderUpdate.Write(model.Path, beside =>
            {
                foreach (var (from, to) in missing)
                {
                    AtomicFile.Copy(from, Path.Combine(beside, Path.GetRelativePath(model.Path, to)));
                }
                check(model.At(beside));
            });
        }
        return [.. missing.Select(file => file.To)];
    }
}
