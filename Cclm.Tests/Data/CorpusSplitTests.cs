using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class CorpusSplitTests
{
    static readonly string[] Texts = [.. Enumerable.Range(0, 3001).Select(i => $"text {i % 2500} é")];      // 501 of them twice

    [TestCase(1, 0, 10)]
    [TestCase(50, 110, 190)]
    [TestCase(500, 1380, 1620)]
    [TestCase(999, 2985, 3001)]
    public void AboutTheShareAskedForIsHeldOut(int permille, int least, int most)
    {
        var (train, heldOut) = Corpus.Split(Texts, text => text, permille);

        Assert.That(heldOut, Has.Count.InRange(least, most));
        Assert.That(train.Count + heldOut.Count, Is.EqualTo(Texts.Length));
    }

    [Test]
    public void OneTextIsOnOneSideOnly()
    {
        var (train, heldOut) = Corpus.Split(Texts.Select((text, i) => (Text: text, Label: i)), item => item.Text, 300);

        Assert.That(train.Select(item => item.Text).Intersect(heldOut.Select(item => item.Text)), Is.Empty);
        Assert.That(train.Select(item => item.Label), Is.Ordered);
    }

    [Test]
    public void NeitherOrderNorCompanyMovesAText()
    {
        var (_, heldOut) = Corpus.Split(Texts, text => text, 100);
        var (_, reordered) = Corpus.Split(Texts.Reverse(), text => text, 100);
        var (_, fewer) = Corpus.Split(Texts.Take(1000), text => text, 100);

        Assert.That(reordered, Is.EquivalentTo(heldOut));
        Assert.That(fewer, Is.EqualTo(heldOut.Take(fewer.Count)));
    }

    [Test]
    public void TheSidesAreTheSameInEveryVersion()
    {
        var (_, heldOut) = Corpus.Split("abcdefghijklmnopqrstuvwxyz".Select(letter => letter.ToString()), text => text, 150);

        Assert.That(string.Concat(heldOut), Is.EqualTo("bimr"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(40)]
    public void ASideWithoutTextsIsAnError(int copies) => Assert.That(() => Corpus.Split(Enumerable.Repeat("one line", copies), text => text, 500),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains($"Of {copies} texts, ").And.Message.Contains("expected at least one on either side"));

    [TestCase(0)]
    [TestCase(1000)]
    public void AShareThatLeavesNothingIsAnError(int permille) =>
        Assert.That(() => Corpus.Split(Texts, text => text, permille), Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase(1)]
    [TestCase(37)]
    [TestCase(10_000)]
    public void WhatIsHeldOutInMemoryIsBoundedAndDoesNotDependOnTheOrder(int most)
    {
        var heldOut = Corpus.HeldOut(Texts.Distinct(), text => text, 100, most);
        var all = Texts.Distinct().Where(text => Corpus.IsHeldOut(text, 100)).ToList();

        Assert.That(heldOut, Has.Count.EqualTo(Math.Min(most, all.Count)));
        Assert.That(heldOut, Is.SubsetOf(all));
        Assert.That(Corpus.HeldOut(Texts.Distinct().Reverse(), text => text, 100, most), Is.EqualTo(heldOut));
        Assert.That(Corpus.HeldOut(Texts.Distinct(), text => text, 100, most + 5).Take(most), Is.EqualTo(heldOut));
    }

    [TestCase(1)]
    [TestCase(12)]
    [TestCase(10_000)]
    public void ATextThatOccursOftenIsHeldOutOnce(int most)
    {
        var often = Texts.Where(text => Corpus.IsHeldOut(text, 100)).Take(20).SelectMany(text => Enumerable.Repeat(text, 50));
        var rows = Texts.Concat(often).Concat(Texts).Select((text, number) => (Text: text, Number: number)).ToList();
        var heldOut = Corpus.HeldOut(rows, row => row.Text, 100, most);

        Assert.That(heldOut.Select(row => row.Text), Is.EqualTo(Corpus.HeldOut(Texts.Distinct(), text => text, 100, most)));
        Assert.That(heldOut.Select(row => row.Number), Is.EqualTo(heldOut.Select(row => Array.IndexOf(Texts, row.Text))), "the first of each");
    }

    [Test]
    public void WhatIsTrainedOnAndWhatIsHeldOutAreAllThereIs()
    {
        var (train, heldOut) = Corpus.Split(Texts, text => text, 200);
        var rows = RowSource.Of(Texts);

        Assert.That(rows.Where(text => !Corpus.IsHeldOut(text, 200)).Read().Select(row => row.Row), Is.EqualTo(train));
        Assert.That(rows.Where(text => Corpus.IsHeldOut(text, 200)).Read().Select(row => row.Row), Is.EqualTo(heldOut));
        Assert.That(Texts.Where(text => Corpus.IsHeldOut(text, 100)).Except(heldOut), Is.Empty, "of fewer, held out of more");
    }
}
