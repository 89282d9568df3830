using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>A rate is the probability of each word, character or text that can be changed.</summary>
public sealed class AugmentationRateTests
{
    const int Words = 20_000;

    static readonly double[] Rates = [0.01, 0.1, 0.5, 1];

    static IEnumerable<string> OfWords => AugmentationKinds.OfWords.Keys;

    static IEnumerable<string> OfTexts => AugmentationKinds.OfTexts.Keys;

    /// <summary>The words are on lines of their own with a space after each, so that each is compared with what it was.</summary>
    [Test]
    public void OfTheWordsTheRateIsChanged([ValueSource(nameof(OfWords))] string kind, [ValueSource(nameof(Rates))] double rate)
    {
        var word = kind == "stripped accents" ? "naïveté" : "abcdefgh";
        var changed = AugmentationKinds.OfWords[kind](rate)(string.Concat(Enumerable.Repeat($"{word} .\n", Words)), new(7));
        AssertShare(changed.Split('\n')[..Words].Count(line => line != $"{word} ."), Words, rate);
    }

    [TestCaseSource(nameof(Rates))]
    public void OfTheCharactersTheRateIsChanged(double rate)
    {
        var text = string.Concat(Enumerable.Repeat("x-", Words));
        AssertShare(Augmentors.Homoglyphs(rate)(text, new(7)).Count(unit => unit is not ('x' or '-')), Words, rate);
        text = string.Concat(Enumerable.Repeat("m-", Words));
        AssertShare(Augmentors.OcrConfusions(rate)(text, new(7)).Split("rn").Length - 1, Words, rate);
    }

    [Test]
    public void OfTheTextsTheRateIsChanged([ValueSource(nameof(OfTexts))] string kind, [ValueSource(nameof(Rates))] double rate)
    {
        var augmentor = AugmentationKinds.OfTexts[kind](rate);
        var random = new Random(7);
        AssertShare(Enumerable.Range(0, Words).Count(_ => augmentor("a teXt", random) != "a teXt"), Words, rate);
    }

    /// <summary>Within 4 standard deviations of a binomial distribution; the seeds are fixed, so it is so always or never.</summary>
    static void AssertShare(int changed, int of, double rate) =>
        Assert.That(changed, Is.EqualTo(rate * of).Within(4 * Math.Sqrt(of * rate * (1 - rate)) + 1e-9));
}
