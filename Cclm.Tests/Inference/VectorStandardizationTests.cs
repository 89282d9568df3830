using System.Numerics.Tensors;
using Cclm.Inference;
using NUnit.Framework;

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

    [Test]
    public void WhatIsTheSameEverywhereSaysNothing()
    {
        var standardization = new VectorStandardization([[0.5f, 1, 3], [0.5f, 2, 1]]);
        Assert.That(standardization.Apply([0.5f, 1.5f, 2]), Is.All.Zero, "The mean has no direction.");
        Assert.That(TensorPrimitives.Norm<float>(standardization.Apply([0.5f, 7, 2])), Is.EqualTo(1).Within(1e-6));
        Assert.That(new VectorStandardization([[1f, 2f]]).Apply([1f, 2f]), Is.All.Zero);
    }

    [Test]
    public void LengthsThatDoNotFitAreSaid()
    {
        Assert.That(() => new VectorStandardization([]), Throws.ArgumentException.With.Message.Contains("no vectors"));
        Assert.That(() => new VectorStandardization([[1], [1, 2]]), Throws.ArgumentException.With.Message.Contains("has 2 numbers; expected 1"));
        Assert.That(() => new VectorStandardization([[1]]).Apply([]), Throws.ArgumentException.With.Message.Contains("has 0 numbers; expected 1"));
    }
}
