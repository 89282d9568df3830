using Cclm.Inference;

namespace Cclm.Training.Premise;

/// <summary>A way to make vectors of texts for a linear classifier.</summary>
/// <param name="name">Which model it is.</param>
public abstract class Represented(string name)
{
    /// <summary>Which model it is.</summary>
    public string Name => name;

    /// <summary>Learns from texts without labels: how frequent n-grams are, or where the mean of the vectors lies.</summary>
    public abstract void Fit(IReadOnlyList<string> corpus);

    /// <summary>The vectors.</summary>
    public abstract Features Of(IReadOnlyList<string> texts);
}

/// <summary>Weighted n-grams.</summary>
/// <param name="name">Which.</param>
/// <param name="analyzer">Takes texts apart.</param>
public sealed class NGrams(string name, Analyzer analyzer) : Represented(name)
{
    TfIdf? weights;

    /// <inheritdoc/>
    public override void Fit(IReadOnlyList<string> corpus) => weights = new(analyzer, corpus);

    /// <inheritdoc/>
    public override Features Of(IReadOnlyList<string> texts) => weights!.Of(texts);
}

/// <summary>What a model says of texts, or some of its numbers, kept as it is and standardised.</summary>
/// <param name="name">Which model.</param>
/// <param name="vectors">The model's vectors of texts.</param>
/// <param name="slices">The numbers that are read; all where none is named.</param>
public sealed class StandardizedVectors(string name, Func<IReadOnlyList<string>, IEnumerable<float[]>> vectors, params IReadOnlyList<Range> slices) : Represented(name)
{
    VectorStandardization? corpus;

    /// <summary>How the vectors are whitened; null for not at all.</summary>
    public WhiteningOptions? Whitening { get; init; }

    /// <inheritdoc/>
    public override void Fit(IReadOnlyList<string> corpus) => this.corpus = new(Slices(corpus), Whitening);

    /// <inheritdoc/>
    public override Features Of(IReadOnlyList<string> texts) => DenseFeatures.Of(corpus!, Slices(texts));

    float[][] Slices(IReadOnlyList<string> texts) =>
        [.. vectors(texts).Select(vector => slices.Count == 0 ? vector : [.. slices.SelectMany(slice => vector[slice])])];
}

/// <summary>A model's vectors of lists of texts, each text embedded once.</summary>
/// <param name="embed">The model: as many vectors as texts.</param>
public sealed class KnownVectors(Func<IReadOnlyList<string>, IEnumerable<float[]>> embed)
{
    readonly Dictionary<string, float[]> known = [];

    /// <summary>The vectors of texts.</summary>
    public IEnumerable<float[]> Of(IReadOnlyList<string> texts)
    {
        string[] fresh = [.. texts.Where(text => !known.ContainsKey(text)).Distinct()];
        foreach (var (text, vector) in fresh.Zip(embed(fresh)))
        {
            known.Add(text, vector);
        }
        return texts.Select(text => known[text]);
    }

    /// <summary>Forgets all vectors.</summary>
    public void Clear() => known.Clear();
}
