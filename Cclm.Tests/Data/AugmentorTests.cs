using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class AugmentorTests
{
    const string Sentence = "Opens a text file, reads all lines of the file, and then closes the file.";

    static readonly string[] Texts =
        ["", " ", "a", "ab", "😀", "𝒳", "𝒳𝒴", "日本語 テキスト", "naïve Ünïcode", "x😀y 𐐷𐐷𐐷", "e\u0301te\u0301", "\ud83d lone \ude00", "tab\tand\nline", "Ünder_score-d2"];

    [Test]
    public void WithoutAnErrorATextIsLeftAsItIs([ValueSource(nameof(Texts))] string text) =>
        Assert.That(Augmentors.Typos(0)(text, new(1)), Is.SameAs(text));

    [Test]
    public void OneSeedGivesOneResultAndAnotherSeedAnother()
    {
        string[] results = [.. ((int[])[3, 3, 4]).Select(seed => Augmentors.Typos(0.7)(Sentence, new(seed)))];

        Assert.That(results[1], Is.EqualTo(results[0]));
        Assert.That(results[2], Is.Not.EqualTo(results[0]));
    }

    [Test]
    public void CharactersStayWhole([ValueSource(nameof(Texts))] string text)
    {
        var known = text.EnumerateRunes().ToHashSet();
        for (var seed = 0; seed < 200; seed++)
        {
            var changed = Augmentors.Typos(1)(text, new(seed));

            // What is new is a letter from the keyboard; half a pair would read as U+FFFD.
            Assert.That(changed.EnumerateRunes().Where(rune => !known.Contains(rune)), Has.All.Matches<Rune>(rune => rune.IsAscii && Rune.IsLetter(rune)));
        }
    }

    [Test]
    public void OnlyWordsChange() => Assert.That(
        Enumerable.Range(0, 100).Select(seed => string.Concat(Augmentors.Typos(1)(Sentence, new(seed)).Where(c => !char.IsLetter(c)))),
        Has.All.EqualTo(string.Concat(Sentence.Where(c => !char.IsLetter(c)))));

    [Test]
    public void EveryKindOfErrorIsMadeAndNoOther()
    {
        var typos = Enumerable.Range(0, 1000).Select(seed => Augmentors.Typos(1)("Cat", new(seed))).ToHashSet();

        Assert.That(typos, Is.EquivalentTo((string[])
        [
            "Xat", "Dat", "Fat", "Vat", "Cqt", "Cwt", "Cst", "Czt", "Car", "Caf", "Cag", "Cay",     // a key beside
            "aCt", "Cta",                                                                           // in the wrong order
            "at", "Ct", "Ca",                                                                       // left out
            "CCat", "Caat", "Catt",                                                                 // one too many
        ]));
    }

    [TestCase(0.1)]
    [TestCase(0.5)]
    [TestCase(1.0)]
    public void AboutTheRateAskedForOfTheWordsChanges(double rate)
    {
        var text = string.Join(' ', Enumerable.Repeat("abcdefgh", 5000));           // no error leaves this word as it is

        var changed = Augmentors.Typos(rate)(text, new(7)).Split(' ').Count(word => word != "abcdefgh");

        Assert.That(changed / 5000.0, Is.EqualTo(rate).Within(0.03));
    }

    [TestCase(-0.01)]
    [TestCase(1.01)]
    [TestCase(double.NaN)]
    public void ARateThatIsNoProbabilityIsAnError(double rate) =>
        Assert.That(() => Augmentors.Typos(rate), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 1"));

    [Test]
    public void ComposedAugmentorsApplyInOrder()
    {
        var composed = Augmentors.Compose((text, _) => text + "1", (text, random) => text + random.Next(2, 3));

        Assert.That(composed("0", new(1)), Is.EqualTo("012"));
        Assert.That(Augmentors.Compose()(Sentence, new(1)), Is.SameAs(Sentence));
    }
}
