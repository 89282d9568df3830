using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Cclm.Training;

/// <summary>
/// A teacher that needs nothing but text: a word's vector is what company it keeps in a corpus, and a text's the weighted mean of its
/// words'. It knows meaning but no misspelt word; a student that reads its texts with noise learns both.
/// </summary>
/// <remarks>
/// Words: positive pointwise mutual information with smoothed contexts, factorised by a truncated singular value decomposition (Levy and
/// Goldberg 2014; Levy et al. 2015, whose exponent 1/2 of the singular values is taken). Texts: smooth inverse frequency, less the mean of all
/// texts and the directions that they have in common (Arora et al. 2017).
/// </remarks>
public sealed class WordVectorTeacher : Teacher
{
    const int SampledTexts = 20_000;
    const float Shortest = 1e-12f;      // what is shorter is divided by this: zeros stay zeros

    readonly WordList words;
    readonly float[][] vectors;         // of words, each of length 1 and already weighted
    readonly float[] mean;
    readonly float[][] common;          // directions of length 1

    WordVectorTeacher(WordList words, float[][] vectors, WordVectorOptions options, IEnumerable<string> texts)
    {
        (this.words, this.vectors, mean, common) = (words, vectors, new float[options.Width], []);
        Description = $"vectors of the corpus' words ({words.Hash[..16]}, {options})";
        (mean, common) = WhatAllHaveInCommon(texts.Where((_, i) => i % Math.Max(1, words.Texts / SampledTexts) == 0).Select(Mean), options.CommonDirections);
    }

    /// <inheritdoc/>
    public override int Width => mean.Length;

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Makes vectors of a corpus' words.</summary>
    /// <param name="texts">The corpus; it is read three times.</param>
    /// <param name="options">Sizes and shares.</param>
    /// <exception cref="ArgumentException">An option is out of range, or fewer words are frequent enough than a vector has numbers.</exception>
    public static WordVectorTeacher Fit(IEnumerable<string> texts, WordVectorOptions? options = null)
    {
        options ??= new();
        options.Check();
        var words = WordList.Of(texts, options);
        var company = new CoOccurrences(words.Count, options.Window);
        var random = new Random(1);
        foreach (var text in texts)
        {
            company.Add([.. words.In(text).Where(word => random.NextDouble() < Math.Sqrt(options.FrequentShare / words.Share(word)))]);
        }
        var vectors = TruncatedSvd.Rows(company.MutualInformation(), options.Width);
        for (var word = 0; word < vectors.Length; word++)
        {
            var weight = (float)(options.HalfWeightShare / (options.HalfWeightShare + words.Share(word)));
            TensorPrimitives.Multiply(vectors[word], weight / Math.Max(TensorPrimitives.Norm<float>(vectors[word]), Shortest), vectors[word]);
        }
        return new(words, vectors, options, texts);
    }

    /// <inheritdoc/>
    /// <remarks>Of length 1; zeros where no word of the text is known.</remarks>
    public override float[] VectorOf(string text)
    {
        var vector = Mean(text);
        if (!vector.AsSpan().ContainsAnyExcept(0f))
        {
            return vector;
        }
        TensorPrimitives.Subtract(vector, mean, vector);
        foreach (var direction in common)
        {
            TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot<float>(vector, direction), vector, vector);
        }
        TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm<float>(vector), Shortest), vector);
        return vector;
    }

    /// <summary>As many words as a text has of those that have a vector, drawn at random, each as often as any other.</summary>
    /// <returns>The words with spaces between them, in lower case, each digit a 0; the text itself where it has no such word.</returns>
    public string Drawn(string text, Random random) => words.In(text).Count is > 0 and var count ? string.Join(' ', Enumerable.Range(0, count).Select(_ => words[random.Next(words.Count)])) : text;

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    /// <summary>The weighted mean of a text's words.</summary>
    float[] Mean(string text)
    {
        var (sum, count) = (new float[Width], 0);
        foreach (var word in words.In(text))
        {
            TensorPrimitives.Add(sum, vectors[word], sum);
            count++;
        }
        TensorPrimitives.Divide(sum, Math.Max(count, 1), sum);
        return sum;
    }

    static (float[] Mean, float[][] Directions) WhatAllHaveInCommon(IEnumerable<float[]> vectors, int directions)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var rows = stack([.. vectors.Select(vector => tensor(vector))]);                            // [N,D]
        var mean = rows.mean([0]);
        var centred = rows.sub(mean);
        var (_, eigenvectors) = linalg.eigh(centred.t().matmul(centred));                           // [D,D], of ascending eigenvalues
        return (Numbers(mean), [.. Enumerable.Range(1, directions).Select(i => Numbers(eigenvectors.select(1, mean.shape[0] - i).contiguous()))]);
    }

    static float[] Numbers(Tensor vector) => vector.data<float>().ToArray();
}
