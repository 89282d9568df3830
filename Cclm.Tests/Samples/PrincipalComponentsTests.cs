extern alias Service;

using NUnit.Framework;
using Service::EmbeddingService;
using static TorchSharp.torch;

namespace Cclm.Tests.Samples;

public sealed class PrincipalComponentsTests
{
    [TestCase(2, 1)]
    [TestCase(3, 5)]
    [TestCase(17, 2)]
    [TestCase(64, 33)]
    [TestCase(300, 7)]
    public void TheyAreThoseOfASingularValueDecomposition(int count, int width)
    {
        using var scope = NewDisposeScope();
        var random = new Random(count);
        float[][] vectors = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(d => (float)((random.NextDouble() - 0.3) * (d + 1) * (d + 1))).ToArray())];
        var (points, variance) = PrincipalComponents.Of(vectors, components: 2);

        var rows = tensor(vectors.SelectMany(row => row).ToArray()).view(count, width).to(ScalarType.Float64);
        var (u, s, _) = linalg.svd(rows.sub(rows.mean([0L], keepdim: true)), fullMatrices: false);
        var (scores, values) = (u.mul(s), s.data<double>().ToArray());
        for (var k = 0; k < 2; k++)
        {
            var expected = k < values.Length ? scores.select(1, k).contiguous().data<double>().ToArray() : new double[count];
            double[] actual = [.. points.Select(point => point[k])];
            var sign = Math.Sign(expected.Zip(actual, (a, b) => a * b).Sum());      // a direction has two ends
            Assert.That(actual.Select(x => x * sign), Is.EqualTo(sign == 0 ? actual.Select(_ => 0d) : expected).Within(1e-4 * values[0]));
            Assert.That(variance[k], Is.EqualTo(k < values.Length ? values[k] * values[k] / values.Sum(x => x * x) : 0).Within(1e-6));
        }
    }

    [TestCase(1)]
    [TestCase(4)]
    public void TextsThatAreAllTheSameAreOnePoint(int count)
    {
        var (points, variance) = PrincipalComponents.Of([.. Enumerable.Range(0, count).Select(_ => new[] { 0.1f, -0.7f, 0.3f })], components: 2);
        Assert.That(points, Has.Length.EqualTo(count));
        Assert.That(points.SelectMany(point => point), Is.All.EqualTo(0).Within(1e-6));
        Assert.That(variance, Is.All.Not.NaN);
    }
}
