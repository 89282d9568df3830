using System.Text.Json;
using Cclm.Inference;
using Cclm.Training.Data;
using Onnx;
using TorchSharp;

namespace Cclm.Training;

/// <summary>
/// The parts of a model in training, on disk: <c>preprocessor.json</c>, <c>embedder.safetensors</c>,
/// <c>towers/{name}.safetensors</c> and, for training on, <c>heads/{name}.safetensors</c>.
/// </summary>
/// <param name="path">The folder; it is made when something is saved.</param>
/// <param name="types">The classes of parts that can be made from files.</param>
public sealed class ModelFolder(string path, PartTypes types)
{
    internal const string ModelKey = "cclm.model";
    const string EmbedderKey = "cclm.embedder", VocabularyKey = "cclm.vocabulary", HeadKey = "cclm.head", BaseKey = "cclm.base";

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>The same layout somewhere else.</summary>
    internal ModelFolder At(string elsewhere) => new(elsewhere, types);

    /// <summary>Keeps other processes from training in the folder until it is disposed; it also shows early that the folder can be written to.</summary>
    /// <exception cref="IOException">Another process trains in it, or it can not be written to.</exception>
    public IDisposable Lock() => FolderLock.Take(path, "trained in");

    /// <summary>Where the preprocessor is.</summary>
    public string PreprocessorFile => System.IO.Path.Combine(path, "preprocessor.json");

    /// <summary>Where the embedder is.</summary>
    public string EmbedderFile => System.IO.Path.Combine(path, "embedder.safetensors");

    /// <summary>The names of the towers there are, in order.</summary>
    public IReadOnlyList<string> TowerNames => NamesIn("towers");

    /// <summary>The names of the heads there are that can be exported, in order; others only train.</summary>
    /// <exception cref="InvalidDataException">A head's file is damaged.</exception>
    public IReadOnlyList<string> HeadNames => [.. NamesIn("heads").Where(name => Safetensors.Read(HeadFile(name)).Metadata.ContainsKey(ModelKey))];

    /// <summary>Where a tower is.</summary>
    public string TowerFile(string name) => System.IO.Path.Combine(path, "towers", $"{name}.safetensors");

    /// <summary>Where a pretrainer's head is.</summary>
    public string HeadFile(string name) => System.IO.Path.Combine(path, "heads", $"{name}.safetensors");

    /// <summary>Where the tokenizer of a masked language model is.</summary>
    public string TokenizerFile(string name) => System.IO.Path.Combine(path, "heads", $"{name}.tokenizer.json");

    /// <summary>What the training of a tower leaves: checkpoints, metrics and a report.</summary>
    /// <param name="name">The tower's name.</param>
    /// <param name="settings">See <see cref="RunFolder"/>.</param>
    public RunFolder Run(string name, IReadOnlyDictionary<string, string>? settings = null) => new(System.IO.Path.Combine(path, "runs", name), settings);

    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    public Preprocessor LoadPreprocessor() => File.Exists(PreprocessorFile) ? Preprocessor.Load(PreprocessorFile) : throw Unfinished(PreprocessorFile);

    /// <summary>Writes an embedder with what it takes to make it again.</summary>
    public void Save(Embedder embedder, Preprocessor preprocessor)
    {
        preprocessor.Save(PreprocessorFile);
        Weights.Save(embedder, EmbedderFile, new Dictionary<string, string>
        {
            [ModelKey] = PartTypes.Write(types.Describe(embedder)).GetRawText(),
            [VocabularyKey] = preprocessor.Vocabulary.Hash,
        });
    }

    /// <summary>Writes a tower with what it takes to make it again, and the hash of its embedder.</summary>
    public void Save(string name, Tower tower, Embedder embedder) => Weights.Save(tower, TowerFile(name), new Dictionary<string, string>
    {
        [ModelKey] = PartTypes.Write(types.Describe(tower)).GetRawText(),
        [EmbedderKey] = embedder.WeightsHash(),
    });

    /// <summary>Writes the embedder and each tower of a composed model by itself.</summary>
    public void SaveParts(ComposedModel model, Preprocessor preprocessor)
    {
        Save(model.Base, preprocessor);
        foreach (var (name, tower) in model.Towers)
        {
            Save(name, tower, model.Base);
        }
    }

    /// <summary>Writes a head, and what it stands on; one that is no <see cref="Head"/> is only read back to train on.</summary>
    internal void SaveHead(string name, torch.nn.Module head, string description, HeadBase on)
    {
        var metadata = new Dictionary<string, string> { [HeadKey] = description, [BaseKey] = PartTypes.Write(on).GetRawText() };
        if (head is Head { Definition: { } definition })
        {
            metadata.Add(ModelKey, PartTypes.Write(definition).GetRawText());
        }
        Weights.Save(head, HeadFile(name), metadata);
    }

    /// <summary>Reads a head's weights, to train on.</summary>
    /// <exception cref="InvalidDataException">It was trained to answer something else.</exception>
    internal void LoadHead(string name, torch.nn.Module head, string description)
    {
        if (AnswerOfHead(name) is var saved && saved != description)
        {
            throw new InvalidDataException($"'{HeadFile(name)}' was trained to answer {saved ?? "something else"}; this data asks for {description}. Train under another name, or with the data it was trained on.");
        }
        Weights.Load(head, HeadFile(name));
    }

    /// <summary>What a head was trained to answer, in words.</summary>
    internal string? AnswerOfHead(string name) => Safetensors.Read(HeadFile(name)).Metadata.GetValueOrDefault(HeadKey);

    /// <summary>Reads a head that can be exported.</summary>
    /// <returns>The head, and what it stands on.</returns>
    /// <exception cref="InvalidDataException">The file is missing or damaged, or the head only trains.</exception>
    public (Head Head, HeadBase On) LoadHead(string name)
    {
        var metadata = Metadata(HeadFile(name));
        var head = new Head(Described<HeadDefinition>(HeadFile(name), metadata, ModelKey));
        Weights.Load(head, HeadFile(name));
        return (head, Described<HeadBase>(HeadFile(name), metadata, BaseKey));
    }

    /// <summary>A head as an ONNX subgraph.</summary>
    /// <inheritdoc cref="LoadHead(string)"/>
    internal ModelProto ExportHead(string name, Preprocessor preprocessor)
    {
        var (head, on) = LoadHead(name);
        using var loaded = head;
        return ModelExporter.Export(head, on, preprocessor);
    }

    /// <summary>What a head stands on; also of one that only trains.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    internal HeadBase BaseOfHead(string name) => File.Exists(HeadFile(name))
        ? Described<HeadBase>(HeadFile(name), Safetensors.Read(HeadFile(name)).Metadata, BaseKey)
        : throw Missing(HeadFile(name));

    /// <summary>Reads an embedder and towers that stand on it as one model.</summary>
    /// <param name="preprocessor">The embedder's.</param>
    /// <param name="towers">Names, in the order of their slices; none means all there are.</param>
    /// <exception cref="ArgumentException">There is no such tower.</exception>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or a tower was trained on another embedder.</exception>
    public ComposedModel LoadComposed(Preprocessor preprocessor, params IReadOnlyList<string> towers)
    {
        if (towers.FirstOrDefault(name => !TowerNames.Contains(name)) is { } missing)
        {
            throw new ArgumentException($"There is no tower '{missing}' in '{path}'; there are {string.Join(", ", TowerNames.Select(name => $"'{name}'"))}.", nameof(towers));
        }
        var embedder = LoadEmbedder(preprocessor);
        return new(embedder, [.. (towers.Count > 0 ? towers : TowerNames).Select(name => (name, LoadTower(name, embedder)))]);
    }

    /// <summary>Reads the weights of what <see cref="SaveParts"/> wrote.</summary>
    internal void LoadParts(ComposedModel model)
    {
        Weights.Load(model.Base, EmbedderFile);
        foreach (var (name, tower) in model.Towers)
        {
            Weights.Load(tower, TowerFile(name));
        }
    }

    /// <exception cref="InvalidDataException">The file is missing or damaged, or was trained with another vocabulary.</exception>
    public Embedder LoadEmbedder(Preprocessor preprocessor)
    {
        var metadata = Metadata(EmbedderFile);
        if (metadata.GetValueOrDefault(VocabularyKey) is var vocabulary && vocabulary != preprocessor.Vocabulary.Hash)
        {
            throw new InvalidDataException(
                $"'{EmbedderFile}' was trained with the vocabulary {vocabulary ?? "of no embedder"}, but '{PreprocessorFile}' has {preprocessor.Vocabulary.Hash}. Put back the preprocessor that it was trained with.");
        }
        var embedder = types.MakeEmbedder(Described<PartDescription>(EmbedderFile, metadata, ModelKey));
        Weights.Load(embedder, EmbedderFile);
        return embedder;
    }

    /// <exception cref="InvalidDataException">The file is missing or damaged, or the tower was trained on another embedder.</exception>
    public Tower LoadTower(string name, Embedder embedder)
    {
        var metadata = Metadata(TowerFile(name));
        if (embedder.WeightsHash() is var hash && metadata.GetValueOrDefault(EmbedderKey) is var trained && trained != hash)
        {
            throw new InvalidDataException(
                $"Tower '{name}' was trained on {(trained is null ? "no embedder" : $"the embedder {trained}")}, but '{EmbedderFile}' is {hash}. Train the tower again on this embedder, or put back its own.");
        }
        var description = Described<PartDescription>(TowerFile(name), metadata, ModelKey);
        var tower = types.MakeTower(description.Type, embedder, description.Options);
        Weights.Load(tower, TowerFile(name));
        return tower;
    }

    static IReadOnlyDictionary<string, string> Metadata(string file)
    {
        if (!File.Exists(file))
        {
            throw Missing(file);
        }
        var metadata = Safetensors.Read(file).Metadata;
        return metadata.ContainsKey(ModelKey) ? metadata
            : throw new InvalidDataException($"'{file}' holds weights, but not how to make the model that they belong to ('{ModelKey}' in its metadata). Expected a file that 'cclm pretrain' wrote.");
    }

    IReadOnlyList<string> NamesIn(string folder) => Directory.Exists(System.IO.Path.Combine(path, folder))
        ? [.. Directory.GetFiles(System.IO.Path.Combine(path, folder), "*.safetensors").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
        : [];

    static T Described<T>(string file, IReadOnlyDictionary<string, string> metadata, string key)
    {
        try
        {
            return PartTypes.Read<T>(JsonDocument.Parse(metadata.GetValueOrDefault(key, "null")).RootElement, $"description in '{file}'");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"'{file}' says in a way that can not be read how to make its model: {e.Message}", e);
        }
    }

    /// <summary>What is not there, and why where a run says it.</summary>
    InvalidDataException Unfinished(string file) => Directory.Exists(System.IO.Path.Combine(path, "runs"))
        ? new($"There is no '{file}' yet: '{path}' holds a run that was not finished. End it with the same command and --continue.")
        : Missing(file);

    static InvalidDataException Missing(string file) => new($"There is no '{file}'. Expected the folder of a model that 'cclm pretrain' wrote.");
}
