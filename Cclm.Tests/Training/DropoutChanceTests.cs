using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Dropout drops as often as it is to, and the same however rows are dealt out.</summary>
[Parallelizable]
public sealed class DropoutChanceTests : TorchFixture
{
    const long Seed = 3;

    [TestCase(0.1), TestCase(0.5), TestCase(0.93)]
    public void AsMuchIsDroppedAsIsSaidAndTheRestMakesUpForIt(double p)
    {
        const int Rows = 7, Width = 10_007;
        using var scope = NewDisposeScope();
        var numbers = Drop(ones(Rows, Width), p, Seed);
        var error = Math.Sqrt(p * (1 - p) / Width);
        foreach (var row in numbers.Chunk(Width))
        {
            Assert.That(row.Count(number => number == 0) / (double)Width, Is.EqualTo(p).Within(5 * error));
            Assert.That(row.Where(number => number != 0), Is.All.EqualTo((float)(1 / (1 - p))));
        }
        // Beside each other, and in one row and the next, chance is independent.
        double Both(int apart) => numbers.SkipLast(apart).Zip(numbers.Skip(apart)).Average(pair => pair is (0, 0) ? 1 : 0);
        foreach (var apart in (int[])[1, 2, 16, 17, Width])
        {
            Assert.That(Both(apart), Is.EqualTo(p * p).Within(5 * error), $"{apart} apart");
        }
    }

    [TestCase(0, 3), TestCase(3, 5), TestCase(7, 1)]
    public void ARowIsDroppedAlikeAloneAndAmongOthers(int first, int count)
    {
        const int Rows = 8;
        using var scope = NewDisposeScope();
        var x = randn(Rows, 3, 11);
        var (whole, some) = (Drop(x, 0.3, Seed), Drop(x.narrow(0, first, count), 0.3, Seed, first));
        Assert.That(some, Is.EqualTo(whole[(first * 33)..((first + count) * 33)]));
    }

    [Test]
    public void EachLayerAndEachSeedDrawsForItself()
    {
        using var scope = NewDisposeScope();
        var (x, layer) = (ones(4, 1000), nn.Dropout(0.5));
        var other = Drop(x, 0.5, Seed + 1);
        using var chance = DropoutChance.Use(Seed, 0, 4);
        float[][] drawn = [[.. DropoutChance.Apply(layer, x).data<float>()], [.. DropoutChance.Apply(layer, x).data<float>()], other];
        Assert.That(chance.Drawn, Is.EqualTo(2));
        foreach (var (i, j) in ((int, int)[])[(0, 1), (0, 2), (1, 2)])
        {
            Assert.That(drawn[i].Zip(drawn[j]).Count(pair => pair.First == pair.Second), Is.InRange(1800, 2200));
        }
        using (DropoutChance.Use(Seed, 0, 4))
        {
            Assert.That(DropoutChance.Apply(layer, x).data<float>().ToArray(), Is.EqualTo(drawn[0]), "Anew with each use,");
        }
        DropoutChance.Apply(layer, x);
        Assert.That(chance.Drawn, Is.EqualTo(3), "and the outer one goes on.");
    }

    [Test]
    public void InEvaluationNothingIsDropped()
    {
        using var scope = NewDisposeScope();
        using var chance = DropoutChance.Use(Seed, 0, 2);
        var layer = nn.Dropout(0.5);
        layer.eval();
        var x = randn(2, 5);
        Assert.That(DropoutChance.Apply(layer, x).data<float>().ToArray(), Is.EqualTo(x.data<float>().ToArray()));
    }

    static float[] Drop(Tensor x, double p, long seed, int first = 0)
    {
        using var chance = DropoutChance.Use(seed, first, x.shape[0]);
        return [.. DropoutChance.Apply(nn.Dropout(p), x).data<float>()];
    }
}
