using System.Numerics.Tensors;
using Cclm.Inference;
using Cclm.Training;
using NUnit.Framework;
using TorchSharp;

namespace Cclm.Tests.Inference;

public sealed class VectorStandardizationTests
{
    [TestCase(2, 1)]
    [TestCase(3, 7)]
    [TestCase(500, 13)]
    public void EachDimensionHasMeanNoughtAndVarianceOneBeforeTheLengthIs(int count, int width)
    {
        var random = new Random(width);
        float[][] vectors = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(d => (float)(random.NextDouble() * (d + 1) + d)).ToArray())];
        var standardization = new VectorStandardization(vectors);
        double[] mean = [.. Enumerable.Range(0, width).Select(d => vectors.Average(row => (double)row[d]))];
        double[] deviation = [.. mean.Select((m, d) => Math.Sqrt(vectors.Average(row => (row[d] - m) * (row[d] - m))))];
        float[] other = [.. Enumerable.Range(0, width).Select(_ => (float)random.NextDouble() * 9)];
        foreach (var vector in vectors.Append(other))
        {
            double[] expected = [.. vector.Select((number, d) => (number - mean[d]) / deviation[d])];
            var length = Math.Sqrt(expected.Sum(number => number * number));
            Assert.That(standardization.Apply(vector), Is.EqualTo(expected.Select(number => number / length)).Within(1e-4));
        }
    }

    /// <summary>Against the eigenvectors that libtorch finds.</summary>
    [TestCase(400, 9, 9, 0.5, 5e-3), TestCase(400, 9, 9, 1, 5e-3), TestCase(400, 33, 5, 0.5, 5e-3), TestCase(5, 12, 12, 0.5, 5e-3)]
    [TestCase(50_000, 7, 3, 0.25, 3e-2)]         // of which some are read
    public void WhitenedVectorsAreThePrincipalComponents(int count, int width, int dimensions, double strength, double within)
    {
        var vectors = Correlated(count, width);
        var standardization = new VectorStandardization(vectors, new() { Dimensions = dimensions, Strength = strength });
        Assert.That(standardization.Dimensions, Is.EqualTo(dimensions));
        using var scope = torch.NewDisposeScope();
        var all = torch.tensor(vectors.SelectMany(vector => vector).ToArray()).view(count, width).to(torch.float64);
        var standard = (all - all.mean([0])) / all.std([0], unbiased: false);
        var (values, directions) = torch.linalg.eigh(standard.t().matmul(standard).div(Scalars.Kept(count)));      // ascending
        var weights = values.narrow(0, width - dimensions, dimensions).clamp_min(Scalars.Kept(0)).mul(Scalars.Kept(0.99)).add(Scalars.Kept(0.01), Scalars.One).pow(Scalars.Kept(-strength / 2));
        var expected = torch.nn.functional.normalize(standard.matmul(directions.narrow(1, width - dimensions, dimensions)) * weights, dim: 1);
        float[][] whitened = [.. vectors.Take(20).Select(vector => standardization.Apply(vector))];
        for (var i = 0; i < whitened.Length; i++)
        {
            Assert.That(whitened[i], Has.Length.EqualTo(dimensions));
            for (var j = 0; j < whitened.Length; j++)
            {
                // Which way a direction points, nothing says: cosines do not depend on it.
                Assert.That(TensorPrimitives.Dot<float>(whitened[i], whitened[j]), Is.EqualTo(expected[i].dot(expected[j]).item<double>()).Within(within), $"{i} and {j}");
            }
        }
    }

    [TestCase(0, 1)]
    [TestCase(-3, 0.5)]
    [TestCase(5, -0.1)]
    [TestCase(5, 1.1)]
    [TestCase(5, double.NaN)]
    public void WhiteningOutOfRangeIsAnError(int dimensions, double strength) =>
        Assert.That(() => new VectorStandardization([[1f, 2f], [2f, 1f]], new() { Dimensions = dimensions, Strength = strength }), Throws.ArgumentException.With.Message.Contains("expected 1 or more, and 0 to 1"));

    [Test]
    public void MoreDimensionsThanThereAreAreNotMade() =>
        Assert.That(new VectorStandardization(Correlated(30, 4), new()).Apply([1, 2, 3, 4]), Has.Length.EqualTo(4));

    static float[][] Correlated(int count, int width)
    {
        var random = new Random(width);
        float[][] mix = [.. Enumerable.Range(0, width).Select(row => Enumerable.Range(0, width).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(0.7, row))).ToArray())];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var vector = new float[width];
            foreach (var direction in mix)
            {
                TensorPrimitives.MultiplyAdd(direction, (float)(random.NextDouble() + random.NextDouble() - 1), vector, vector);
            }
            return vector;
        })];
    }

    [Test]
    public void WhatIsTheSameEverywhereSaysNothing()
    {
        var standardization = new VectorStandardization([[0.5f, 1, 3], [0.5f, 2, 1]]);
        Assert.That(standardization.Apply([0.5f, 1.5f, 2]), Is.All.Zero, "The mean has no direction.");
        Assert.That(TensorPrimitives.Norm<float>(standardization.Apply([0.5f, 7, 2])), Is.EqualTo(1).Within(1e-6));
        Assert.That(new VectorStandardization([[1f, 2f]]).Apply([1f, 2f]), Is.All.Zero);
        Assert.That(standardization.Apply([9, 1.5f, 2]), Is.All.Zero, "Nor what differs there alone.");
    }

    [Test]
    public void OfEqualVectorsNothingIsLeft([Values(1, 2, 3, 50, 7_001)] int count, [Values] bool whitened)
    {
        float[] vector = [0.1f, -3.7f, 1e-3f, 1234.567f];
        var standardization = new VectorStandardization([.. Enumerable.Repeat(vector, count)], whitened ? new() { Dimensions = 3 } : null);
        Assert.That(standardization.Apply(vector), Is.All.Zero);
        Assert.That(standardization.Apply([1, 2, 3, 4]), Is.All.Zero);
    }

    [Test]
    public void TwoVectorsHaveOneDirection()
    {
        var standardization = new VectorStandardization([[1, 2, 3], [2, 4, 7]], new() { Dimensions = 2 });
        Assert.That(standardization.Apply([1, 2, 3]).Select(Math.Abs), Is.EqualTo(new[] { 1f, 0 }).Within(1e-4));
    }

    [TestCase(float.NaN), TestCase(float.NegativeInfinity)]
    public void WhatIsNotFiniteIsNamed(float number)
    {
        Assert.That(() => new VectorStandardization([[1, 2], [1, number]]), Throws.ArgumentException.With.Message.Contains("Vector 1 has a number that is not finite"));
        Assert.That(() => new VectorStandardization([[1, 2], [2, 1]]).Apply([number, 0]), Throws.ArgumentException.With.Message.Contains("not finite"));
    }

    [Test]
    public void LengthsThatDoNotFitAreSaid()
    {
        Assert.That(() => new VectorStandardization([]), Throws.ArgumentException.With.Message.Contains("no vectors"));
        Assert.That(() => new VectorStandardization([[1], [1, 2]]), Throws.ArgumentException.With.Message.Contains("has 2 numbers; expected 1"));
        Assert.That(() => new VectorStandardization([[1]]).Apply([]), Throws.ArgumentException.With.Message.Contains("has 0 numbers; expected 1"));
    }
}
