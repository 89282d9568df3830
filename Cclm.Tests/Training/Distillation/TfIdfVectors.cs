using Cclm.Training;
using Cclm.Training.Data;

namespace Cclm.Tests.Training.Distillation;

/// <summary>
/// A teacher that needs no download: the words of a text, each in a direction of its own drawn by its hash, weighted by tf-idf (a random
/// projection of the sparse matrix). Words of less than a hundredth of the texts are left out: nothing could be learned of them here.
/// </summary>
static class TfIdfVectors
{
    /// <summary>As many vectors as texts, each of length 1, or 0 where no word is left.</summary>
    public static float[][] Of(IReadOnlyList<string> texts, int width)
    {
        var counts = texts.SelectMany(text => Words(text).Distinct()).CountBy(word => word).Where(word => 100 * word.Value >= texts.Count).ToDictionary();
        return [.. texts.Select(text =>
        {
            var vector = new float[width];
            foreach (var (word, count) in Words(text).Where(counts.ContainsKey).CountBy(word => word))
            {
                var (weight, random) = (count * Math.Log((1.0 + texts.Count) / counts[word]), new Random((int)TextHash.Of(word)));
                for (var i = 0; i < width; i++)
                {
                    vector[i] += (float)(weight * ((2 * random.NextDouble()) - 1));
                }
            }
            var length = MathF.Sqrt(vector.Sum(value => value * value));
            return length > 0 ? Array.ConvertAll(vector, value => value / length) : vector;
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

    static string[] Words(string text) => text.ToLowerInvariant().Split((char[])[' ', '.', ',', '(', ')', '-', '\'', '"'], StringSplitOptions.RemoveEmptyEntries);
}
