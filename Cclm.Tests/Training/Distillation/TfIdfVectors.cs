using Cclm.Training;
using Cclm.Training.Data;

namespace Cclm.Tests.Training.Distillation;

/// <summary>A teacher that needs no download: the words of a text, each in a direction of its own drawn by its hash, weighted by tf-idf (a random projection of the sparse matrix).</summary>
static class TfIdfVectors
{
    /// <summary>As many vectors as texts, each of length 1.</summary>
    public static float[][] Of(IReadOnlyList<string> texts, int width)
    {
        var counts = texts.SelectMany(text => Words(text).Distinct()).CountBy(word => word).ToDictionary();
        return [.. texts.Select(text =>
        {
            var vector = new float[width];
            foreach (var (word, count) in Words(text).CountBy(word => word))
            {
                var (weight, random) = (count * Math.Log((1.0 + texts.Count) / counts[word]), new Random((int)TextHash.Of(word)));
                for (var i = 0; i < width; i++)
                {
                    vector[i] += (float)(weight * ((2 * random.NextDouble()) - 1));
                }
            }
            var length = MathF.Sqrt(vector.Sum(value => value * value));
            return Array.ConvertAll(vector, value => value / length);
        })];
    }

    /// <summary>The mean cosine of the mean vector with each: what a student reaches that says the same of every text.</summary>
    public static double OfTheMean(IReadOnlyList<float[]> vectors)
    {
        double[] mean = [.. Enumerable.Range(0, vectors[0].Length).Select(i => vectors.Average(vector => vector[i]))];
        return vectors.Average(vector => vector.Zip(mean, (a, b) => a * b).Sum()) / Math.Sqrt(mean.Sum(value => value * value));
    }

    /// <summary>A teacher of texts.</summary>
    public static VectorTable Teacher(IReadOnlyList<string> texts, int width) => new($"tf-idf in {width}", Of(texts, width), texts);

    static string[] Words(string text) => text.ToLowerInvariant().Split((char[])[' ', '.', ',', '(', ')', '-', '\'', '"'], StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words ? words : [text];
}
