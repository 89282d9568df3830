using System.Text.Json;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>Makes a shelf's items of parts: of a model in training both the weights to train on and the ONNX subgraph to compose.</summary>
/// <param name="folder">Where to; each item becomes a folder in it.</param>
/// <param name="facts">What the publisher says of them.</param>
public sealed class ItemPacker(string folder, ItemFacts facts)
{
    /// <summary>A model's preprocessor.</summary>
    /// <returns>The item's folder.</returns>
    /// <exception cref="InvalidDataException">A file of the model is missing or damaged, or a name or version can not be one.</exception>
    public string Preprocessor(ModelFolder model, string name)
    {
        var preprocessor = model.LoadPreprocessor();
        return Seal(Component(ComponentKind.Preprocessor, name, preprocessor.Vocabulary.Hash), item => preprocessor.Save(Path.Combine(item, "preprocessor.json")));
    }

    /// <summary>A model's embedder, with its preprocessor.</summary>
    /// <inheritdoc cref="Preprocessor"/>
    public string Embedder(ModelFolder model, string name)
    {
        var preprocessor = model.LoadPreprocessor();
        using var embedder = model.LoadEmbedder(preprocessor);
        var component = Component(ComponentKind.Embedder, name, preprocessor.Vocabulary.Hash) with
        {
            Weights = embedder.WeightsHash(),
            Parents = [new(ComponentKind.Preprocessor, preprocessor.Vocabulary.Hash)],
            Options = OptionsIn(model.EmbedderFile),
        };
        return Seal(component, item =>
        {
            preprocessor.Save(Path.Combine(item, "preprocessor.json"));
            File.Copy(model.EmbedderFile, Path.Combine(item, "embedder.safetensors"));
            OnnxFile.Save(ModelExporter.Export(embedder, preprocessor), Path.Combine(item, "embedder.onnx"));
        });
    }

    /// <summary>One of a model's towers, under its own name.</summary>
    /// <inheritdoc cref="Preprocessor"/>
    public string Tower(ModelFolder model, string name)
    {
        var preprocessor = model.LoadPreprocessor();
        using var embedder = model.LoadEmbedder(preprocessor);
        using var tower = model.LoadTower(name, embedder);
        var component = Component(ComponentKind.Tower, name, preprocessor.Vocabulary.Hash) with
        {
            Weights = tower.WeightsHash(),
            Parents = [new(ComponentKind.Embedder, embedder.WeightsHash())],
            Options = OptionsIn(model.TowerFile(name)),
        };
        return Seal(component, item =>
        {
            File.Copy(model.TowerFile(name), Path.Combine(item, "tower.safetensors"));
            OnnxFile.Save(ModelExporter.Export(tower, embedder, preprocessor), Path.Combine(item, "tower.onnx"));
        });
    }

    /// <summary>A head of a model, under its own name: that of the tower that it was trained with, or of one on several towers.</summary>
    /// <inheritdoc cref="Preprocessor"/>
    public string Head(ModelFolder model, string name)
    {
        var preprocessor = model.LoadPreprocessor();
        var component = Component(ComponentKind.Head, name, preprocessor.Vocabulary.Hash) with
        {
            Weights = HeadWeights.Hash(model.HeadFile(name)),
            Parents = [.. model.BaseOfHead(name).Towers.Select(tower => new ComponentParent(ComponentKind.Tower, tower.Weights, tower.Name))],
        };
        return Seal(component, item =>
        {
            File.Copy(model.HeadFile(name), Path.Combine(item, "head.safetensors"));
            if (model.HeadNames.Contains(name))
            {
                OnnxFile.Save(model.ExportHead(name, preprocessor), Path.Combine(item, "head.onnx"));
            }
        });
    }

    /// <summary>A composed model.</summary>
    /// <param name="file">The composed <c>.onnx</c> file.</param>
    /// <param name="name">The item's name.</param>
    /// <returns>The item's folder.</returns>
    /// <exception cref="InvalidDataException">It is no composed model, or a name or version can not be one.</exception>
    /// <exception cref="OnnxModelException">It is no ONNX model.</exception>
    public string Composed(string file, string name)
    {
        var metadata = ModelMetadata.Parse(ModelProperties.Read(OnnxFile.Load(file)));
        if (metadata.Kind != "composed")
        {
            throw new InvalidDataException($"'{file}' is of kind '{metadata.Kind}'; expected a composed model, as 'cclm compose' writes it.");
        }
        var component = Component(ComponentKind.Composed, name, metadata.Vocabulary) with
        {
            Weights = metadata.Weights,
            Parents = [.. metadata.Parts.Select(part => new ComponentParent(Enum.Parse<ComponentKind>(part.Kind, ignoreCase: true), part.Weights, part.Name))],
        };
        return Seal(component, item => File.Copy(file, Path.Combine(item, "model.onnx")));
    }

    Component Component(ComponentKind kind, string name, string vocabulary) => new()
    {
        Kind = kind,
        Name = name,
        Version = facts.Version,
        Licence = facts.Licence,
        Description = facts.Description,
        Data = facts.Data,
        Metrics = facts.Metrics,
        Vocabulary = vocabulary,
    };

    string Seal(Component component, Action<string> write)
    {
        var item = Directory.CreateDirectory(Path.Combine(folder, $"{component.Kind}-{component.Name}")).FullName;
        write(item);
        ComponentFolder.Seal(item, component);
        return item;
    }

    static JsonElement OptionsIn(string file) => JsonDocument.Parse(Safetensors.Read(file).Metadata[ModelFolder.ModelKey]).RootElement;
}
