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

/// <summary>What a composed model, or some of its towers, says of texts, kept as it is.</summary>
/// <param name="name">Which model.</param>
/// <param name="vectors">The model's vectors.</param>
/// <param name="towers">The towers whose slices are read; all where none is named.</param>
public sealed class TowerVectors(string name, ModelVectors vectors, params IReadOnlyList<string> towers) : Represented(name)
{
    VectorStandardization? corpus;

    /// <inheritdoc/>
    public override void Fit(IReadOnlyList<string> texts) => corpus = new(Slices(texts));

    /// <inheritdoc/>
    public override Features Of(IReadOnlyList<string> texts) => DenseFeatures.Of(corpus!, Slices(texts));

    /// <summary>Standardised vectors, of length 1.</summary>
    public float[][] VectorsOf(IReadOnlyList<string> texts) => [.. Slices(texts).Select(vector => corpus!.Apply(vector))];

    float[][] Slices(IReadOnlyList<string> texts)
    {
        var slices = vectors.Model.Towers.Where(tower => towers.Count == 0 || towers.Contains(tower.Name)).ToList();
        return [.. vectors.Of(texts).Select(vector => slices.SelectMany(slice => vector[slice.EmbeddingStart..(slice.EmbeddingStart + slice.EmbeddingWidth)]).ToArray())];
    }
}

/// <summary>A model's vectors of lists of texts, each list embedded once.</summary>
/// <param name="model">The model.</param>
/// <param name="cancellation">Ends embedding.</param>
public sealed class ModelVectors(CclmModel model, CancellationToken cancellation)
{
    readonly Dictionary<string, float[]> known = [];

    /// <summary>The model.</summary>
    public CclmModel Model => model;

    /// <summary>The vectors of texts.</summary>
    public IEnumerable<float[]> Of(IReadOnlyList<string> texts)
    {
        string[] fresh = [.. texts.Where(text => !known.ContainsKey(text)).Distinct()];
        foreach (var (text, vector) in fresh.Zip(model.Embed(fresh, cancellationToken: cancellation)))
        {
            known.Add(text, vector);
        }
        return texts.Select(text => known[text]);
    }

    /// <summary>Forgets all vectors.</summary>
    public void Clear() => known.Clear();
}
