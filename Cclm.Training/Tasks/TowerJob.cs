using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cclm.Inference;
using Cclm.Training.Data;
using Cclm.Training.Recipes;
using TorchSharp;

namespace Cclm.Training;

/// <summary>Something to be trained on a task.</summary>
public record TrainingJob
{
    /// <summary>The tower's name, or the head's.</summary>
    public required string Name { get; init; }

    /// <summary>What it is trained on.</summary>
    public required PretrainingTask Task { get; init; }

    /// <summary>The task's options; null for the defaults.</summary>
    public JsonElement? TaskOptions { get; init; }

    /// <summary>The data.</summary>
    public required CorpusOptions Corpus { get; init; }

    /// <summary>About how many of 1,000 different texts are held out.</summary>
    public int HeldOutPermille { get; init; } = 50;

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>What a run on the task is known by: its options, and what is in the files that they name.</summary>
    internal Dictionary<string, string> Settings => new(
    [
        new("the task", $"{Task.Name} {PartTypes.WithDefaults(TaskOptions, Task.Options, $"options of the task '{Task.Name}'")}"),
        .. OptionFiles.Of(TaskOptions, Task.Options, FileHash.Of).Select(file => KeyValuePair.Create($"the content of '{file.Path}'", file.Hash)),
    ]);

    /// <summary>Where it is trained; a GPU where there is one, unless said otherwise.</summary>
    public DeviceType Device { get; init; } = torch.cuda.is_available() ? DeviceType.CUDA : DeviceType.CPU;
}

/// <summary>A tower to be trained: one call of <c>cclm pretrain</c>, or one tower of a recipe.</summary>
public sealed record TowerJob : TrainingJob
{
    /// <summary>A tower's job.</summary>
    public TowerJob()
    {
    }

    /// <summary>A tower's job with what all jobs have.</summary>
    [SetsRequiredMembers]
    public TowerJob(TrainingJob job) : base(job)
    {
    }

    /// <summary>The tower's type.</summary>
    public string Type { get; init; } = "transformer";

    /// <summary>The tower's options; null for the defaults.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>Whether an embedder that is there already is trained on with the tower; other towers on it must then be trained again.</summary>
    public bool TrainEmbedder { get; init; }

    /// <summary>What a model is begun with that has no embedder yet.</summary>
    public NewModel New { get; init; } = new();
}

/// <summary>A head to be trained on a composed model: one call of <c>cclm finetune</c>.</summary>
public sealed record HeadJob : TrainingJob
{
    /// <summary>A head's job.</summary>
    public HeadJob()
    {
    }

    /// <summary>A head's job with what all jobs have.</summary>
    [SetsRequiredMembers]
    public HeadJob(TrainingJob job) : base(job)
    {
    }

    /// <summary>The towers that the head reads, in the order of their slices; none means all there are.</summary>
    public IReadOnlyList<string> Towers { get; init; } = [];

    /// <summary>What is kept as it is: <c>embedder</c>, <c>towers</c> for all of them, or names of towers.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];
}

/// <summary>What a model is begun with.</summary>
public sealed record NewModel
{
    const string EmbedderWords = "embedder's options";

    /// <summary>A new preprocessor's options.</summary>
    public PreprocessorOptions Preprocessor { get; init; } = new();

    /// <summary>A new vocabulary's options. Characters that occur once are left to the unknown id, so that it learns what an unknown character is.</summary>
    public VocabularyOptions Vocabulary { get; init; } = new() { MinCount = 2 };

    /// <summary>A new embedder's options without vocabulary and longest text, which are the preprocessor's; null for the defaults.</summary>
    public JsonElement? Embedder { get; init; }

    /// <summary>A new embedder's options for a preprocessor.</summary>
    /// <exception cref="ArgumentException">They are not an embedder's.</exception>
    public EmbedderOptions EmbedderFor(Preprocessor preprocessor)
    {
        if (Embedder is { } options && JsonShape.Misfit(options, typeof(EmbedderOptions), EmbedderWords, "vocabulary") is { } misfit)     // which is the preprocessor's to say
        {
            throw new ArgumentException(misfit);
        }
        var sizes = Embedder?.EnumerateObject().ToDictionary(property => property.Name, property => property.Value) ?? [];
        sizes["vocabulary"] = JsonSerializer.SerializeToElement(preprocessor.Vocabulary.Count);
        sizes.TryAdd("maxLength", JsonSerializer.SerializeToElement(preprocessor.Options.MaxLength));
        return PartTypes.Read<EmbedderOptions>(JsonSerializer.SerializeToElement(sizes), EmbedderWords);
    }
}

/// <summary>How training takes up what is there already.</summary>
public enum TakeUp
{
    /// <summary>Nothing is there of this tower; it is an error if something is.</summary>
    Begin,

    /// <summary>A run that was interrupted goes on where it was, a finished tower is trained longer, and where there is neither a run begins.</summary>
    Continue,

    /// <summary>The tower is trained anew.</summary>
    Replace,
}
