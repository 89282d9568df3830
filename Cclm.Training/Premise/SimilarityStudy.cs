
namespace Cclm.Training.Premise;

/// <summary>Whether cosines are as people find sentences alike (STS-B), and whether typing errors leave a text where it was.</summary>
/// <param name="pairs">Sentences, and how alike people found them.</param>
public sealed class SimilarityStudy(IReadOnlyList<(string First, string Second, double Score)> pairs)
{
    const int Typos = 40;               // percent of the words

    /// <summary>Measures one way to represent texts; it may read the sentences, but no score.</summary>
    public IEnumerable<Measured> Measure(Represented model)
    {
        string[] firsts = [.. pairs.Select(pair => pair.First)], seconds = [.. pairs.Select(pair => pair.Second)];
        model.Fit([.. firsts, .. seconds]);
        var (first, second) = (model.Of(firsts), model.Of(seconds));
        double[] scores = [.. pairs.Select(pair => pair.Score)];
        foreach (var noise in (TestNoise[])[TestNoise.None, TestNoise.Typos(Typos)])
        {
            var noisy = model.Of(noise.Of(seconds));
            double[] cosines = [.. Enumerable.Range(0, pairs.Count).Select(i => Cosine(first, i, noisy, i))];
            var (low, high) = Bootstrap.Interval(pairs.Count, rows => RankCorrelation.Of([.. rows.Select(i => cosines[i])], [.. rows.Select(i => scores[i])]));
            yield return new("STS-B test", noise == TestNoise.None ? noise.Name : $"{noise.Name} of one sentence's words", model.Name, "Spearman", [RankCorrelation.Of(cosines, scores)], low, high, pairs.Count);
            if (noise != TestNoise.None)
            {
                double[] Near(Func<int, double> cosine) => [.. Enumerable.Range(0, pairs.Count).Select(cosine)];
                yield return Measured.Of("A sentence and its copy", noise.Name, model.Name, "cosine", [Near(i => Cosine(second, i, noisy, i))]);
                yield return Measured.Of("Two sentences at random", noise.Name, model.Name, "cosine", [Near(i => Cosine(second, i, noisy, (i + (pairs.Count / 2)) % pairs.Count))]);
            }
        }
    }

    /// <summary>The product of two rows of length 1.</summary>
    static double Cosine(Features first, int row, Features second, int other)
    {
        var vector = new float[first.Width];
        first.AddTo(row, 1, vector);
        return second.Dot(other, vector);
    }
}
