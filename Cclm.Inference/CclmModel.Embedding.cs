using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace Cclm.Inference;

public sealed partial class CclmModel
{
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
    /// <exception cref="ArgumentException">No such tower, a text is null, or too long where <see cref="CclmModelOptions.LongText"/> forbids that.</exception>
    public float[][] Embed(IReadOnlyList<string> texts, string? tower = null, CancellationToken cancellationToken = default) =>
        Ask(texts, contract => Readings.Vectors(contract, tower), cancellationToken);

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
    /// <exception cref="ArgumentException">No such head classifies, a text is null, or too long where <see cref="CclmModelOptions.LongText"/> forbids that.</exception>
    public IReadOnlyList<LabelProbability>[] Classify(IReadOnlyList<string> texts, string? head = null, CancellationToken cancellationToken = default) =>
        Ask(texts, contract => Readings.Labels(contract, head), cancellationToken);

    /// <summary>A vector for every position of a text's own length, CLS among them.</summary>
    /// <param name="text">The text; what is longer than the model reads is cut.</param>
    /// <param name="tower">Give what this tower says alone; null for all of them side by side.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>[T,C], or the tower's channels of it.</returns>
    /// <exception cref="CclmModelException">The model's numbers are not finite.</exception>
    /// <exception cref="ArgumentException">No such tower.</exception>
    public float[,] EmbedPositions(string text, string? tower = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var call = Enter();
        var contract = call.Model.Contract;
        var (start, width) = tower is null ? (0, contract.HiddenWidth) : (contract.Tower(tower).HiddenStart, contract.Tower(tower).HiddenWidth);
        var hidden = Positions(call.Model, text, ModelNames.Hidden, contract.HiddenWidth, cancellationToken);
        var positions = new float[hidden.Length / contract.HiddenWidth, width];
        for (var t = 0; t < positions.GetLength(0); t++)
        {
            hidden.AsSpan(t * contract.HiddenWidth + start, width).CopyTo(MemoryMarshal.CreateSpan(ref positions[t, 0], width));
        }
        return positions;
    }

    /// <summary>The model as an embedding generator of Microsoft.Extensions.AI.</summary>
    /// <remarks>Its calls are gathered into batches with all others. It does not own the model: dispose the model after the generator's last call.</remarks>
    /// <exception cref="CclmModelException">The model has no pooled output.</exception>
    public IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator() => Generator(vector => new Embedding<float>(vector));

    /// <summary>As <see cref="AsEmbeddingGenerator"/>, with two bytes a number (<see cref="VectorForms.ToHalf"/>).</summary>
    public IEmbeddingGenerator<string, Embedding<Half>> AsHalfEmbeddingGenerator() => Generator(vector => new Embedding<Half>(VectorForms.ToHalf(vector)));

    /// <summary>As <see cref="AsEmbeddingGenerator"/>, with one byte a number (<see cref="VectorForms.ToInt8"/>).</summary>
    public IEmbeddingGenerator<string, Embedding<sbyte>> AsInt8EmbeddingGenerator() => Generator(vector => new Embedding<sbyte>(VectorForms.ToInt8(vector)));

    /// <summary>As <see cref="AsEmbeddingGenerator"/>, with one bit a number (<see cref="VectorForms.ToBinary"/>).</summary>
    public IEmbeddingGenerator<string, BinaryEmbedding> AsBinaryEmbeddingGenerator() => Generator(vector => new BinaryEmbedding(VectorForms.ToBinary(vector)));

    /// <summary>The tower of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public TowerSlice Tower(string name) => loaded.Contract.Tower(name);

    CclmEmbeddingGenerator<TEmbedding> Generator<TEmbedding>(Func<float[], TEmbedding> form) where TEmbedding : Embedding
    {
        _ = Readings.Vectors(loaded.Contract, tower: null);
        return new(this, form);
    }

    T[] Ask<T>(IReadOnlyList<string> texts, Func<ModelContract, Reading<T>> question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var call = Enter();
        var reading = question(call.Model.Contract);
        var pieces = TextPieces.Of(texts, call.Model.Contract.Preprocessor, options);
        return pieces.Join(call.Model.Read(pieces.Texts, reading, options, cancellation), reading.Join);
    }

    /// <summary>A text's own positions of an output [1,T,<paramref name="width"/>].</summary>
    static float[] Positions(LoadedModel model, string text, string output, int width, CancellationToken cancellation)
    {
        var padded = model.Contract.PaddedLength(model.Contract.OwnLength(text));
        using var values = model.Runner.Run([text], LengthBatch.Of(1, padded), output, [1, padded, width], cancellation);
        return Numbers.Finite(values.GetTensorDataAsSpan<float>()[..(model.Contract.Preprocessor.Length(text) * width)], 0).ToArray();
    }
}
