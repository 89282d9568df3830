using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Cclm.Inference;

/// <summary>A composed model: text in, vectors out. Every method is safe to call from many threads at once.</summary>
/// <remarks>
/// B texts, T characters, C channels of the towers side by side, D dimensions of the pooled vector. A text's vectors do not depend on
/// the texts that are embedded with it. <see cref="Dispose"/> may be called while calls run: it waits for them, and later ones throw
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class CclmModel : IDisposable
{
    readonly CallGate gate = new();
    readonly ModelRunner runner;
    readonly int batchCharacters;

    internal CclmModel(ModelRunner runner, ExecutionProvider provider, int batchCharacters) =>
        (this.runner, Provider, this.batchCharacters) = (runner, provider, batchCharacters);

    /// <summary>The text rules and the vocabulary that the model was trained with.</summary>
    public Preprocessor Preprocessor => runner.Contract.Preprocessor;

    /// <summary>D, the length of a text's vector; 0 where the model has no pooled output.</summary>
    public int Dimensions => runner.Contract.Dimensions;

    /// <summary>C, the length of a position's vector: the towers' channels together.</summary>
    public int HiddenWidth => runner.Contract.HiddenWidth;

    /// <summary>Where what each tower says lies in the vectors.</summary>
    public IReadOnlyList<TowerSlice> Towers => runner.Contract.Towers;

    /// <summary>What answers from the towers: the heads that the model was composed with.</summary>
    public IReadOnlyList<CclmHead> Heads => runner.Contract.Heads;

    /// <summary>What the model really runs on: <see cref="ExecutionProvider.Cpu"/> or <see cref="ExecutionProvider.Cuda"/>.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>SHA-256 of the model's weights, in hexadecimal.</summary>
    public string Weights => runner.Contract.Weights;

    /// <summary>Loads a composed <c>.onnx</c> file, which has all that is needed in itself, and runs it once.</summary>
    /// <param name="path">The file; what <c>cclm compose</c> wrote, taking ids or text.</param>
    /// <param name="options">Provider, threads and batch size.</param>
    /// <param name="logger">Is told when CUDA was wanted and the CPU is used.</param>
    /// <exception cref="CclmModelException">
    /// The file is missing, damaged, not a composed CCLM model or inconsistent, or CUDA is asked for and missing.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static CclmModel Load(string path, CclmModelOptions? options = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new CclmModelException(Directory.Exists(path) ? $"'{path}' is a folder; expected a composed .onnx file."
                : $"There is no file '{Path.GetFullPath(path)}'. Give the path of a composed .onnx file, as 'cclm compose' writes it.");
        }
        return ModelLoader.Load($"'{path}'", settings => new(path, settings), options, logger);
    }

    /// <summary>Loads a composed model from the bytes of its file.</summary>
    /// <inheritdoc cref="Load(string, CclmModelOptions?, ILogger?)"/>
    public static CclmModel Load(byte[] model, CclmModelOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ModelLoader.Load("the model's bytes", settings => new(model, settings), options, logger);
    }

    /// <summary>One text's vector.</summary>
    /// <returns>[D], or the tower's part of it.</returns>
    /// <inheritdoc cref="Embed(IReadOnlyList{string}, string?, CancellationToken)"/>
    public float[] Embed(string text, string? tower = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Embed([text], tower, cancellationToken)[0];
    }

    /// <summary>The texts' vectors, in the order of the texts.</summary>
    /// <remarks>Texts are sorted by length into batches of at most <see cref="CclmModelOptions.BatchCharacters"/>.</remarks>
    /// <param name="texts">The texts; empty ones have vectors too.</param>
    /// <param name="tower">Give what this tower says alone; null for the whole vector.</param>
    /// <param name="cancellationToken">Stops between batches, and within one.</param>
    /// <returns>For each text [D], or the tower's part of it.</returns>
    /// <exception cref="CclmModelException">The model has no pooled output, or its numbers are not finite.</exception>
    /// <exception cref="ArgumentException">No such tower, or a text is null.</exception>
    public float[][] Embed(IReadOnlyList<string> texts, string? tower = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var pass = gate.Enter(this);
        var (start, width) = PooledSlice(tower);
        return OfTexts(texts, ModelNames.Embedding, Dimensions, vector => vector.Slice(start, width).ToArray(), cancellationToken);
    }

    /// <summary>One text's labels with their probabilities, the likeliest first.</summary>
    /// <inheritdoc cref="Classify(IReadOnlyList{string}, string?, CancellationToken)"/>
    public IReadOnlyList<LabelProbability> Classify(string text, string? head = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Classify([text], head, cancellationToken)[0];
    }

    /// <summary>The texts' labels with their probabilities, in the order of the texts, the likeliest first.</summary>
    /// <param name="texts">The texts; empty ones are answered for too.</param>
    /// <param name="head">The head that answers; null where the model has one that classifies.</param>
    /// <param name="cancellationToken">Stops between batches, and within one.</param>
    /// <returns>For each text all K labels: probabilities that sum to 1, or of a multi-label head each for itself.</returns>
    /// <exception cref="CclmModelException">The model has no head, or several, that classify, or its numbers are not finite.</exception>
    /// <exception cref="ArgumentException">No such head classifies, or a text is null.</exception>
    public IReadOnlyList<LabelProbability>[] Classify(IReadOnlyList<string> texts, string? head = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var pass = gate.Enter(this);
        var asked = Classifier(head);
        return OfTexts(texts, ModelNames.Logits(asked.Name), asked.Labels.Count, logits => asked.Probabilities(logits), cancellationToken);
    }

    /// <summary>What is made of each text's row of an output [B,<paramref name="width"/>].</summary>
    TResult[] OfTexts<TResult>(IReadOnlyList<string> texts, string output, int width, Func<ReadOnlySpan<float>, TResult> make, CancellationToken cancellationToken)
    {
        var results = new TResult[texts.Count];
        var lengths = new int[texts.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = PaddedLength(texts[i]
                ?? throw new ArgumentException($"Text {i} is null. Give an empty string, or leave it out.", nameof(texts)));
        }
        foreach (var batch in LengthBatches.Plan(lengths, batchCharacters))
        {
            using var values = runner.Run(texts, batch, output, [batch.Rows.Count, width], cancellationToken);
            var rows = values.GetTensorDataAsSpan<float>();
            for (var row = 0; row < batch.Rows.Count; row++)
            {
                var index = batch.Rows[row];
                results[index] = make(Finite(rows.Slice(row * width, width), index));
            }
        }
        return results;
    }

    /// <summary>A vector for every position of a text's own length, CLS among them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tower">Give what this tower says alone; null for all of them side by side.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>[T,C], or the tower's channels of it.</returns>
    /// <exception cref="CclmModelException">The model's numbers are not finite.</exception>
    /// <exception cref="ArgumentException">No such tower.</exception>
    public float[,] EmbedPositions(string text, string? tower = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var pass = gate.Enter(this);
        var (start, width) = tower is null ? (0, HiddenWidth) : (Tower(tower).HiddenStart, Tower(tower).HiddenWidth);
        var padded = PaddedLength(text);
        using var output = runner.Run([text], new(new([0]), padded), ModelNames.Hidden, [1, padded, HiddenWidth], cancellationToken);
        var hidden = Finite(output.GetTensorDataAsSpan<float>()[..(Preprocessor.Length(text) * HiddenWidth)], 0);
        var positions = new float[Preprocessor.Length(text), width];
        for (var t = 0; t < positions.GetLength(0); t++)
        {
            hidden.Slice(t * HiddenWidth + start, width).CopyTo(MemoryMarshal.CreateSpan(ref positions[t, 0], width));
        }
        return positions;
    }

    /// <summary>The model as an embedding generator of Microsoft.Extensions.AI.</summary>
    /// <remarks>The generator does not own the model: dispose the model after the generator's last call.</remarks>
    /// <exception cref="CclmModelException">The model has no pooled output.</exception>
    public IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator()
    {
        _ = PooledSlice(null);
        return new CclmEmbeddingGenerator(this);
    }

    /// <summary>The tower of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public TowerSlice Tower(string name)
    {
        foreach (var tower in Towers)
        {
            if (tower.Name == name)
            {
                return tower;
            }
        }
        var names = string.Join(", ", Towers.Select(tower => $"'{tower.Name}'"));
        throw new ArgumentException($"The model has no tower '{name}'; it has {names}.", nameof(name));
    }

    /// <summary>Waits for the calls that run and frees the model.</summary>
    public void Dispose()
    {
        if (gate.Close())
        {
            runner.Dispose();
        }
    }

    (int Start, int Width) PooledSlice(string? tower)
    {
        if (Dimensions == 0)
        {
            throw new CclmModelException($"The model has no '{ModelNames.Embedding}' output, so a text has no one vector. " +
                $"Compose it with pooling, or use {nameof(EmbedPositions)}.");
        }
        if (tower is null)
        {
            return (0, Dimensions);
        }
        var slice = Tower(tower);
        return slice.EmbeddingWidth > 0 ? (slice.EmbeddingStart, slice.EmbeddingWidth)
            : throw new CclmModelException($"The model's pooling mixes the towers, so '{tower}' has no part of the vector of its own. " +
                $"Use {nameof(EmbedPositions)}.");
    }

    CclmHead Classifier(string? name)
    {
        var classifiers = Heads.Where(head => head.Task != CclmHeadTask.Tagging).ToList();
        var names = classifiers.Count > 0 ? string.Join(", ", classifiers.Select(head => $"'{head.Name}'")) : "none";
        if (name is not null)
        {
            return classifiers.Find(head => head.Name == name) ?? throw new ArgumentException($"The model has no head '{name}' that classifies; it has {names}.", nameof(name));
        }
        return classifiers is [var only] ? only
            : throw new CclmModelException($"Which head is to answer? Of those that classify the model has {names}. {(classifiers.Count > 0 ? "Name one." : "Compose it with one ('cclm compose --heads').")}");
    }

    /// <summary>The length of a text's row where it is alone: at least one step of the model, also where the text is empty.</summary>
    int PaddedLength(string text) => Math.Max(Preprocessor.Length(text), Preprocessor.Options.DownsampleFactor);

    static ReadOnlySpan<float> Finite(ReadOnlySpan<float> values, int index) => values.IsEmpty || TensorPrimitives.IsFiniteAll(values) ? values
        : throw new CclmModelException($"The model's numbers for text {index} are not all finite (NaN or infinity): " +
            "its weights are damaged, or training diverged. Export it again from a checkpoint of a run whose loss was finite.");
}
