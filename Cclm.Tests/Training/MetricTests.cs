using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Measures by hand; the F1 of these is what scikit-learn's f1_score says (macro, zero_division=0).</summary>
public sealed class MetricTests
{
    // Told, expected, accuracy, macro F1 over the classes that are there.
    [TestCase(new long[] { 0, 1, 2, 0, 1, 2 }, new long[] { 0, 2, 1, 0, 0, 1 }, 2.0 / 6, (0.8 + 0 + 0) / 3)]
    [TestCase(new long[] { 0, 0, 0, 0 }, new long[] { 0, 0, 0, 1 }, 0.75, (6.0 / 7 + 0) / 2)]
    [TestCase(new long[] { 1 }, new long[] { 1 }, 1, 1)]
    public void AccuracyAndMacroF1(long[] told, long[] expected, double accuracy, double macro)
    {
        using var scope = NewDisposeScope();
        var metric = new ClassScores(4);
        foreach (var i in Enumerable.Range(0, told.Length))         // in batches of one
        {
            metric.Add(new(nn.functional.one_hot(tensor(told[i..(i + 1)]), 4).to(ScalarType.Float32), tensor(expected[i..(i + 1)])));
        }
        Assert.That(metric.Measures.Select(measure => measure.Value), Is.EqualTo(new[] { accuracy, macro }).Within(1e-12));
    }

    [Test]
    public void LabelsOfSeveralAreScoredByLabelAndByText()
    {
        using var scope = NewDisposeScope();
        var metric = new MultiLabelScores(3);
        var told = tensor(new float[] { 1, -1, -1, 1, 1, -1, -1, -1, -1, -1, -1, -1 }).view(4, 3);
        var expected = tensor(new float[] { 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1 }).view(4, 3);
        metric.Add(new(told, expected));
        // Label 0: 2 of 2 and 2; label 1: 0 of 1 and 0; label 2: 0 of 0 and 2. The first and third text are right as a whole.
        Assert.That(metric.Measures.Select(measure => measure.Value), Is.EqualTo(new[] { (1 + 0 + 0) / 3.0, 2.0 * 2 / (3 + 4), 0.5 }).Within(1e-12));
    }

    [Test]
    public void RanksCountEqualsAgainstTheRightOne()
    {
        using var scope = NewDisposeScope();
        var metric = new RetrievalScores();
        metric.Add(new(tensor(new float[] { 3, 1, 2, 1, 1, 0, 5, 6, 4 }).view(3, 3), tensor(new long[] { 0, 1, 2 })));
        Assert.That(metric.Measures.Select(measure => measure.Value), Is.EqualTo(new[] { 1.0 / 3, (1 + 0.5 + 1.0 / 3) / 3 }).Within(1e-12));
    }

    /// <summary>Against counting all pairs; equal scores, pairs that are neither, and batches of different sizes.</summary>
    [Test]
    public void TheAreaUnderTheCurveIsTheShareOfRightOrders()
    {
        using var scope = NewDisposeScope();
        var (metric, random) = (new EdgeScores(), new Random(3));
        List<float> edges = [], others = [];
        foreach (var size in (int[])[1, 5, 3])
        {
            var scores = Enumerable.Range(0, size * size).Select(i => i % (size + 1) > 0 && random.Next(4) == 0 ? -1e9f : random.Next(6) + (i % (size + 1) == 0 ? 1 : 0)).ToArray();
            edges.AddRange(scores.Where((_, i) => i % (size + 1) == 0));
            others.AddRange(scores.Where((score, i) => i % (size + 1) > 0 && score > -1e9f));
            metric.Add(new(tensor(scores).view(size, size), tensor(Enumerable.Range(0, size).Select(i => (long)i).ToArray())));
        }
        var pairs = edges.SelectMany(edge => others.Select(other => edge > other ? 1 : edge == other ? 0.5 : 0)).ToList();
        Assert.That(metric.Measures[0].Value, Is.EqualTo(pairs.Average()).Within(1e-12));
        Assert.That(pairs, Has.Some.EqualTo(0.5).And.Some.EqualTo(0.0));
    }

    [Test]
    public void RareLabelsWeighAsMuchAsFrequentOnes() =>
        Assert.That(LabelSet.Balanced([90, 9, 1]), Is.EqualTo(new[] { 100 / 270.0, 100 / 27.0, 100 / 3.0 }).Within(1e-12));
}
