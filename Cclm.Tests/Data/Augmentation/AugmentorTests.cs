using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;
using static Cclm.Tests.Data.AugmentationKinds;

namespace Cclm.Tests.Data;

/// <summary>What is true of every augmentor.</summary>
public sealed class AugmentorTests
{
    const int Texts = 300;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static IEnumerable<string> Kinds => Names;

    [TestCaseSource(nameof(Kinds))]
    public void AtRateZeroATextIsTheVerySame(string kind)
    {
        var augmentor = Make(kind, 0);
        foreach (var text in Enumerable.Range(0, Texts).Select(Text).Concat(Pieces))
        {
            Assert.That(augmentor(text, new(1)), Is.SameAs(text));
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void OneSeedGivesOneResultAndAnotherSeedAnother(string kind)
    {
        var text = string.Join(' ', Enumerable.Repeat(Sentence, 20));
        var augmentor = Make(kind, 0.5);
        string[] results = [.. Enumerable.Range(0, 20).Select(seed => augmentor(text, new(seed)))];
        Assert.That(Enumerable.Range(0, 20).Select(seed => Make(kind, 0.5)(text, new(seed))), Is.EqualTo(results));
        Assert.That(results.Distinct().Count(), Is.GreaterThan(1));
    }

    [TestCaseSource(nameof(Kinds))]
    public void ValidTextStaysValid(string kind)
    {
        var augmentor = Make(kind, 1);
        for (var seed = 0; seed < 10 * Texts; seed++)
        {
            var changed = augmentor(Text(seed), new(seed));
            Assert.That(() => Strict.GetByteCount(changed), Throws.Nothing, $"Half a surrogate pair with seed {seed}.");
        }
    }

    /// <summary>A text that is not valid UTF-16 is no reason to fail.</summary>
    [TestCaseSource(nameof(Kinds))]
    public void AnyUnitsAreRead(string kind)
    {
        var augmentor = Make(kind, 1);
        var random = new Random(5);
        for (var i = 0; i < Texts; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => (char)(random.Next(3) == 0 ? random.Next(0xD800, 0xE000) : random.Next(char.MaxValue + 1))));
            Assert.That(() => augmentor(text, new(i)), Throws.Nothing);
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void AMegabyteIsChangedAsItsPartsAre(string kind)
    {
        var text = string.Concat(Enumerable.Repeat(Sentence + "\n", 10_000));
        var changed = Make(kind, 1)(text, new(1));
        Assert.That(changed, Is.Not.EqualTo(text));
        Assert.That(changed.Length, Is.EqualTo(text.Length).Within(0.25 * text.Length));
        Assert.That(changed.Count(unit => unit == '\n'), Is.EqualTo(10_000), "No line is lost.");
    }

    [TestCase("one run of letters", "a")]
    [TestCase("a letter under a tower of marks", "\u0301")]
    [TestCase("ideographs", "日")]
    [TestCase("emoji without end", "\u200d👩")]
    public void AMegabyteOfOneThingIsNoTrouble(string _, string piece)
    {
        var text = "a" + string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        foreach (var kind in Names)
        {
            Assert.That(Make(kind, 1)(text, new(1)), Has.Length.InRange(1, 3 * text.Length));
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void WhatHasNoWordsStaysTheVerySame(string kind)
    {
        foreach (var text in (string[])["", " ", "\r\n\t", "😀 👩‍👩‍👧‍👦 👍🏽", "🇩🇪🇫🇷", "— !?", "\u0301"])
        {
            Assert.That(Make(kind, 1)(text, new(1)), Is.SameAs(text));
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void ARateThatIsNoProbabilityIsAnError(string kind)
    {
        foreach (var rate in (double[])[-0.01, 1.01, double.NaN])
        {
            Assert.That(() => Make(kind, rate), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 1"));
        }
    }

    [Test]
    public void ComposedAugmentorsApplyInOrder()
    {
        var composed = Augmentors.Compose((text, _) => text + "1", (text, random) => text + random.Next(2, 3));

        Assert.That(composed("0", new(1)), Is.EqualTo("012"));
        Assert.That(Augmentors.Compose()(Sentence, new(1)), Is.SameAs(Sentence));
    }

    [Test]
    public void ComposedAugmentorsShareOneRandom([Values(1, 2, 3)] int seed)
    {
        var (f, g) = (Augmentors.Drops(0.5), Augmentors.Doublings(0.5));
        var random = new Random(seed);
        var first = f(Sentence, random);

        Assert.That(Augmentors.Compose(f, g)(Sentence, new(seed)), Is.EqualTo(g(first, random)));
    }
}
