using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a recipe or a command line says of <see cref="DistillationTask"/>.</summary>
public sealed record DistillationTaskOptions
{
    /// <summary>The teacher: an <c>.onnx</c> model of texts or of tokens, or the vectors of the corpus' texts in order, as <c>.npy</c>, Parquet or JSON.</summary>
    [FileOption]
    public string? Teacher { get; init; }

    /// <summary>Instead of a teacher: vectors made of the corpus itself, from the company that its words keep.</summary>
    public WordVectorOptions? Words { get; init; }

    /// <summary>How the vectors are compared.</summary>
    public DistillationLoss Loss { get; init; }

    /// <summary>An <c>.onnx</c> model's output; null for its first.</summary>
    public string? Output { get; init; }

    /// <summary>How a token model's vectors become one.</summary>
    public TeacherPooling Pooling { get; init; }

    /// <summary>A token model's <c>tokenizer.json</c>; null for the one beside it, or in the folder above.</summary>
    [FileOption]
    public string? Tokenizer { get; init; }

    /// <summary>The most tokens of a text that a token model reads.</summary>
    public int MaxTokens { get; init; } = new OnnxTeacherOptions().MaxTokens;

    /// <summary>The column of the vectors in Parquet or JSON; null for <c>embedding</c>.</summary>
    public string? VectorColumn { get; init; }

    /// <summary>The column of the texts that the vectors are of, in any order; null where they are the corpus' texts, in order.</summary>
    public string? TextColumn { get; init; }

    /// <summary>What the student reads of the texts; all where nothing is said.</summary>
    public ExcerptOptions Excerpts { get; init; } = new();

    /// <summary>Noise put on what the student reads; the teacher reads the text as it is.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();
}

/// <summary><c>distil</c>: <see cref="DistillationPretrainer"/> on the texts of a corpus.</summary>
public sealed class DistillationTask() : PretrainingTask<string>("distil",
    "The vectors that a teacher makes of the texts are to be made: an .onnx model, a file of vectors (.npy, Parquet, JSON), or the words of the corpus itself. The corpus is text.")
{
    /// <inheritdoc/>
    public override string CorpusExample => """--corpus data.txt --task-options '{"teacher":"model.onnx"}'""";

    /// <inheritdoc/>
    public override bool HeadOnlyTrains => true;

    /// <inheritdoc/>
    public override Type Options => typeof(DistillationTaskOptions);

    /// <inheritdoc/>
    public override RowSource<string> Open(CorpusOptions corpus) => Corpus.Open(corpus);

    /// <inheritdoc/>
    public override string TextOf(string row) => row;

    /// <inheritdoc/>
    public override Pretrainer<string> Create(TaskParts parts, JsonElement? options, RowSource<string> rows)
    {
        var chosen = Chosen<DistillationTaskOptions>(options);
        var augmentor = chosen.Augmentation.Create();
        chosen.Excerpts.Check(chosen.Words is not null);     // before a teacher is made of all texts
        return new DistillationPretrainer(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower, TeacherOf(chosen, rows, parts.IsHeldOut), chosen.Loss, augmentor, chosen.Excerpts) { OwnsTeacher = true };
    }

    static Teacher TeacherOf(DistillationTaskOptions chosen, RowSource<string> rows, Func<string, bool> isHeldOut)
    {
        if (chosen.Words is { } words)
        {
            return chosen.Teacher is null ? WordVectorTeacher.Fit(rows.Read().Select(row => row.Row).Where(text => !isHeldOut(text)), words)
                : throw new ArgumentException("The task 'distil' was given both a teacher and words to make one of; leave one out.");
        }
        if (!File.Exists(chosen.Teacher))
        {
            throw new ArgumentException(chosen.Teacher is null
                ? """The task 'distil' needs a teacher; name a model or a file of vectors: --task-options '{"teacher":"model.onnx"}', or have one made of the corpus: '{"words":{}}'."""
                : $"There is no teacher '{Path.GetFullPath(chosen.Teacher)}'; expected an .onnx model, or vectors in .npy, Parquet or JSON.");
        }
        return Path.GetExtension(chosen.Teacher).Equals(".onnx", StringComparison.OrdinalIgnoreCase)
            ? OnnxTeacher.Load(chosen.Teacher, new() { Output = chosen.Output, Pooling = chosen.Pooling, Tokenizer = chosen.Tokenizer, MaxTokens = chosen.MaxTokens })
            : VectorTable.Load(chosen.Teacher, rows.Read().Select(row => row.Row), chosen.VectorColumn, chosen.TextColumn);
    }
}
