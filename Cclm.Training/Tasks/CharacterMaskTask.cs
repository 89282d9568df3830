using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="CharacterMaskTask"/>.</summary>
public sealed record CharacterMaskTaskOptions
{
    /// <summary>The share of the characters that are masked one by one.</summary>
    public double Rate { get; init; } = new CharacterMaskOptions().Rate;

    /// <summary>The length of the one consecutive run that is masked too.</summary>
    public int Run { get; init; } = new CharacterMaskOptions().Run;

    /// <summary>Whether every character is asked for, those that can be read too: the model then learns to write the text out right.</summary>
    public bool AskForAll { get; init; }

    /// <summary>Noise put on the texts before they are masked; what they should have been is asked for.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();
}

/// <summary><c>char-mask</c>: <see cref="CharacterMaskPretrainer"/> on the texts of a corpus.</summary>
public sealed class CharacterMaskTask() : PretrainingTask<string>("char-mask", "Masked characters are to be told from what stands around them. The corpus is text.")
{
    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(CharacterMaskTaskOptions);

    /// <inheritdoc/>
    public override RowSource<string> Open(CorpusOptions corpus) => Corpus.Open(corpus);

    /// <inheritdoc/>
    public override string TextOf(string row) => row;

    /// <inheritdoc/>
    public override Pretrainer<string> Create(TaskParts parts, JsonElement? options, RowSource<string> rows)
    {
        var chosen = Chosen<CharacterMaskTaskOptions>(options);
        return new CharacterMaskPretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower,
            new() { Rate = chosen.Rate, Run = chosen.Run, AskForAll = chosen.AskForAll, Augmentor = chosen.Augmentation.Create() });
    }
}
