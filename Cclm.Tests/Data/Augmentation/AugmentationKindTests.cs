using System.Globalization;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Each kind does what it says and nothing else.</summary>
public sealed class AugmentationKindTests
{
    const int Seeds = 100;

    static readonly string[] Samples =
        ["Cat", "oo", "aab", "naïve", "e\u0301te\u0301", "don't", "Привет", "日本", "한국어", "שלום", "مرحبا", "𐐷𐐨", "1\ufe0f\u20e3a", "नमस्ते", "x1"];

    [TestCaseSource(nameof(Samples))]
    public void ATranspositionSwapsTwoDifferentNeighbours(string word)
    {
        string[] elements = [.. Elements(word)];
        var possible = Enumerable.Range(0, elements.Length - 1).Where(i => elements[i] != elements[i + 1])
            .Select(i => string.Concat((string[])[.. elements[..i], elements[i + 1], elements[i], .. elements[(i + 2)..]]));
        AssertResults(Augmentors.Transpositions(1), word, possible);
    }

    [TestCaseSource(nameof(Samples))]
    public void ADropLeavesOutOneCharacter(string word)
    {
        string[] elements = [.. Elements(word)];
        AssertResults(Augmentors.Drops(1), word, elements.Select((_, i) => string.Concat((string[])[.. elements[..i], .. elements[(i + 1)..]])));
    }

    [TestCaseSource(nameof(Samples))]
    public void ADoublingWritesOneCharacterTwice(string word)
    {
        string[] elements = [.. Elements(word)];
        AssertResults(Augmentors.Doublings(1), word, elements.Select((element, i) => string.Concat((string[])[.. elements[..i], element, .. elements[i..]])));
    }

    [TestCase("Cat", "Xat", "Dat", "Fat", "Vat", "Cqt", "Cwt", "Cst", "Czt", "Car", "Caf", "Cag", "Cay")]
    [TestCase("e\u0301q", "e\u0301w", "e\u0301a")]
    [TestCase("日本")]
    [TestCase("1")]
    public void ANeighbourKeyIsOneBesideInTheSameCase(string word, params string[] expected) => AssertResults(Augmentors.NeighbourKeys(1), word, expected);

    [TestCase("й", "ц", "ф")]
    public void ALayoutCanBeChosen(string word, params string[] expected) => AssertResults(Augmentors.NeighbourKeys(1, KeyboardLayout.Jcuken), word, expected);

    [Test]
    public void ATypoIsOneOfTheFourKinds() => AssertResults(Augmentors.Typos(1), "Cat",
    [
        "Xat", "Dat", "Fat", "Vat", "Cqt", "Cwt", "Cst", "Czt", "Car", "Caf", "Cag", "Cay",     // a key beside
        "aCt", "Cta",                                                                           // in the wrong order
        "at", "Ct", "Ca",                                                                       // left out
        "CCat", "Caat", "Catt",                                                                 // one too many
    ], seeds: 5000);

    [TestCase("Cat", "cat", "CAT", "CAt")]
    [TestCase("cat", "CAT", "Cat")]
    [TestCase("CAT", "cat")]
    [TestCase("McTavish", "mctavish", "MCTAVISH", "MCTavish")]
    [TestCase("ёж", "ЁЖ", "Ёж")]
    [TestCase("𐐨𐐨", "𐐀𐐀", "𐐀𐐨")]
    [TestCase("ſo", "ſO")]
    [TestCase("日本")]
    [TestCase("10")]
    public void ACaseIsWrong(string word, params string[] expected) => AssertResults(Augmentors.Case(1), word, expected);

    [TestCase("ab c", "abc", "ab  c", "a b c")]
    [TestCase("ab ", "ab  ", "a b ")]
    [TestCase("ab\tc", "a b\tc")]
    [TestCase("e\u0301te\u0301", "e\u0301 te\u0301", "e\u0301t e\u0301")]
    [TestCase("a \u0301")]
    [TestCase("a")]
    public void ASpaceIsLostDoubledOrPutIn(string text, params string[] expected) =>
        AssertResults(Augmentors.WhiteSpace(1), text, expected);

    [TestCase("naïve", "naive")]
    [TestCase("Ångström", "Angstrom")]
    [TestCase("e\u0301te\u0301", "ete")]
    [TestCase("Łódź", "Lodz")]
    [TestCase("İstanbul", "Istanbul")]
    [TestCase("Việt", "Viet")]
    [TestCase("Ελλάδα", "Ελλαδα")]
    [TestCase("ᾳ", "α")]
    [TestCase("ёж", "еж")]
    [TestCase("мой")]
    [TestCase("ß")]
    [TestCase("नमस्ते")]
    [TestCase("שָׁלוֹם")]
    public void AccentsAreTakenOff(string word, params string[] expected) => AssertResults(Augmentors.StrippedAccents(1), word, expected);

    [TestCase("m", "rn")]
    [TestCase("rn", "m")]
    [TestCase("l", "1", "I", "i")]
    [TestCase("0", "O", "o")]
    [TestCase("n\u0303")]
    [TestCase("日")]
    public void CharactersAreMisreadAsAnother(string text, params string[] expected) => AssertResults(Augmentors.OcrConfusions(1), text, expected);

    [TestCase("a", "\u0430")]
    [TestCase("\u0430", "a")]
    [TestCase("o\u0301")]
    [TestCase("ж")]
    [TestCase("P", "\u0420", "\u03a1")]
    public void LettersBecomeTheirLookAlikes(string text, params string[] expected) => AssertResults(Augmentors.Homoglyphs(1), text, expected);

    [TestCase("hello WORLD. Straße", "hello world. straße", "HELLO WORLD. STRAßE", "Hello WORLD. Straße")]
    [TestCase("ſ İı", "ſ İı", "ſ İı", "ſ İı")]
    [TestCase("𐐨𐐀", "𐐨𐐨", "𐐀𐐀", "𐐀𐐀")]
    [TestCase("ёж", "ёж", "ЁЖ", "Ёж")]
    [TestCase(" a", " a", " A", " a")]
    [TestCase("", "", "", "")]
    public void TextsAreLoweredUpperedAndTitled(string text, string lower, string upper, string title)
    {
        Assert.That(Augmentors.Lower(1)(text, new(1)), Is.EqualTo(lower));
        Assert.That(Augmentors.Upper(1)(text, new(1)), Is.EqualTo(upper));
        Assert.That(Augmentors.TitleFirst(1)(text, new(1)), Is.EqualTo(title));
    }

    /// <summary>Over many seeds, all that is possible comes up, and nothing else; where nothing is, the very same text does.</summary>
    static void AssertResults(Augmentor augmentor, string text, IEnumerable<string> possible, int seeds = Seeds * 10)
    {
        var results = Enumerable.Range(0, seeds).Select(seed => augmentor(text, new(seed))).ToHashSet();
        string[] expected = [.. possible.Distinct()];
        Assert.That(results, Is.EquivalentTo(expected.Length > 0 ? expected : [text]));
        Assert.That(expected.Length > 0 || ReferenceEquals(results.Single(), text));
    }

    static IEnumerable<string> Elements(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            yield return elements.GetTextElement();
        }
    }
}
