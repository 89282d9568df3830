using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="AutoencodeTask"/>.</summary>
public sealed record AutoencodeTaskOptions
{
    /// <summary>The most characters of a text that are asked for, its first ones; a teacher's decoder has its own number.</summary>
    public int Length { get; init; } = new AutoencodeOptions().Length;

    /// <summary>Channels of the decoder at each character; a teacher's decoder has its own.</summary>
    public int Width { get; init; } = new AutoencodeOptions().Width;

    /// <summary>The folder of a model that a tower was trained in on this task: its decoder is used and not changed.</summary>
    [FileOption]
    public string? Teacher { get; init; }

    /// <summary>The teacher's tower.</summary>
    public string Tower { get; init; } = "autoencode";

    /// <summary>Noise put on what is read; the original characters are asked for.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();
}

/// <summary><c>autoencode</c>: <see cref="AutoencodePretrainer"/> on the texts of a corpus.</summary>
public sealed class AutoencodeTask() : PretrainingTask<string>("autoencode",
    "A text's characters are to be given back from what is said at [CLS] alone, to a new decoder or, for a smaller model, to that of a teacher. The corpus is text.")
{
    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(AutoencodeTaskOptions);

    /// <inheritdoc/>
    public override RowSource<string> Open(CorpusOptions corpus) => Corpus.Open(corpus);

    /// <inheritdoc/>
    public override string TextOf(string row) => row;

    /// <inheritdoc/>
    public override Pretrainer<string> Create(TaskParts parts, JsonElement? options, RowSource<string> rows)
    {
        var chosen = Chosen<AutoencodeTaskOptions>(options);
        var augmentor = chosen.Augmentation.Create();
        return chosen.Teacher is { } teacher
            ? new AutoencodePretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, AutoencodeTeacher.Load(teacher, chosen.Tower), augmentor)
            : new AutoencodePretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, new() { Length = chosen.Length, Width = chosen.Width, Augmentor = augmentor });
    }
}
