using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>What waits comes out once, in batches that are worth running, and no length waits for others that came later.</summary>
public sealed class PendingTextsTests
{
    static readonly ModelContract Contract = ModelLoader.Load("tiny", settings => new(new TinyModel { Options = new() { MaxLength = 4_000 } }.Bytes(), settings), new(), null).Contract;

    static PendingCall<float[]> Call(params int[] lengths) =>
        new([.. lengths.Select(length => new string('a', length - 1))], contract => Readings.Vectors(contract, null), Contract, Readings.Vectors(Contract, null));

    [TestCase(new[] { 1, 1, 1 }, 16, 3, TestName = "The shortest there are")]
    [TestCase(new[] { 5 }, 1, 1, TestName = "One text may exceed the budget")]
    [TestCase(new[] { 12, 12, 12, 12 }, 24, 2, TestName = "Of one length as many as the budget allows")]
    [TestCase(new[] { 12, 44 }, 1_000, 2, TestName = "Padding that costs as much as a run")]
    [TestCase(new[] { 12, 48 }, 1_000, 1, TestName = "Padding that costs more than a run")]
    [TestCase(new[] { 40, 44, 36, 4_000, 40 }, 16_384, 4, TestName = "A long one among short ones waits its turn")]
    [TestCase(new[] { 4_000, 41, 39, 41, 3_990 }, 16_384, 2, TestName = "A long one that came first takes long ones")]
    [TestCase(new[] { 12, 44, 44, 44 }, 1_000, 4, TestName = "Longer ones for which one is padded")]
    [TestCase(new[] { 12, 12, 12, 44 }, 1_000, 3, TestName = "A longer one for which many would be padded")]
    public void ABatchIsTheOldestTextAndThoseThatAreWorthPadding(int[] lengths, int budget, int expected)
    {
        var pending = new PendingTexts();
        foreach (var text in Call(lengths).Texts)
        {
            pending.Add(text);
        }
        var batch = pending.Take(budget);
        Assert.That(batch, Has.Count.EqualTo(expected));
        Assert.That(batch[0].Index, Is.Zero);
    }

    [Test]
    public void EveryTextComesOutOnceAndTheOldestFirst([Values(1, 64, 2_000, 16_384)] int budget, [Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var (pending, waiting, next) = (new PendingTexts(), new List<PendingText>(), 0);
        while (next < 500 || waiting.Count > 0)
        {
            for (var come = random.Next(20); come > 0 && next < 500; come--, next++)
            {
                var text = Call(Math.Min(4_000, (int)Math.Exp(3.6 + (1.4 * Normal(random))) + 1)).Texts[0];
                pending.Add(text);
                waiting.Add(text);
            }
            if (waiting.Count > 3 && random.Next(3) == 0)
            {
                var gone = waiting[random.Next(waiting.Count)];
                waiting.Remove(gone);
                pending.Remove(gone);
                pending.Remove(gone);
            }
            if (waiting.Count > 0)
            {
                var batch = pending.Take(budget);
                var longest = batch.Max(text => text.Length);
                Assert.That(batch[0], Is.SameAs(waiting[0]), "None that came later is before it.");
                Assert.That(batch.Count == 1 || batch.Count * Contract.PaddedLength(longest) <= budget, "The budget is kept.");
                Assert.That(batch.Sum(text => longest - text.Length), Is.LessThanOrEqualTo(LengthBatches.RunOverhead), "Padding is cheaper than a run.");
                Assert.That(batch.All(waiting.Remove), "Each comes out once.");
                Assert.That(waiting.All(text => text.Length != longest) || (batch.Count + 1) * Contract.PaddedLength(longest) > budget, "What needs no padding is taken along.");
            }
            Assert.That(pending.Cost, Is.EqualTo(waiting.Sum(text => (long)text.Length)));
            Assert.That(pending.IsEmpty, Is.EqualTo(waiting.Count == 0));
        }
    }

    [Test]
    public void TextsThatAreAllThereAreCutIntoBatchesWithLittlePadding([Values(512, 16_384)] int budget)
    {
        var random = new Random(7);
        int[] lengths = [.. Enumerable.Range(0, 5_000).Select(_ => Math.Min(4_000, (int)Math.Exp(3.6 + (1.4 * Normal(random))) + 1))];
        var batches = LengthBatches.Plan(lengths, budget, Contract.PaddedLength);
        Assert.That(batches.SelectMany(batch => batch.Rows).Order(), Is.EqualTo(Enumerable.Range(0, lengths.Length)));
        foreach (var batch in batches)
        {
            Assert.That(batch.Length, Is.EqualTo(Contract.PaddedLength(batch.Rows.Max(row => lengths[row]))));
            Assert.That(batch.Rows.Count == 1 || (long)batch.Rows.Count * batch.Length <= budget);
            Assert.That(batch.Rows.Sum(row => batch.Rows.Max(other => lengths[other]) - lengths[row]), Is.LessThanOrEqualTo(LengthBatches.RunOverhead));
        }
        Assert.That(batches.Sum(batch => (double)batch.Rows.Count * batch.Length), Is.LessThan(1.05 * lengths.Sum()), "At most a twentieth of what is computed is padding.");
    }

    [TestCase(1, true)]
    [TestCase(3, true)]
    [TestCase(4, false)]
    [TestCase(5, true)]
    public void LengthsAreRoundedUpToFewSoThatFewPlansOfMemoryAreKept(int downsample, bool cls)
    {
        var contract = ModelLoader.Load("tiny", settings => new(new TinyModel { Options = new() { MaxLength = 4_000, DownsampleFactor = downsample, AddCls = cls } }.Bytes(), settings), new(), null).Contract;
        var sizes = new HashSet<int>();
        for (var characters = 0; characters <= 4_100; characters++)
        {
            var text = new string('a', characters);
            var (own, padded) = (contract.OwnLength(text), contract.PaddedLength(contract.OwnLength(text)));
            Assert.That(padded, Is.InRange(own, Math.Min(4_000, own + Math.Max((2 * 4) - 1, own / 16))));
            Assert.That(padded % downsample, Is.Zero);
            sizes.Add(padded);
        }
        Assert.That(sizes, Has.Count.LessThanOrEqualTo(16 * 7), "16 for each time that the length doubles from 64 on, and those before.");
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
