using System.Globalization;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>What augmentors take for a word, and for a character.</summary>
public sealed class AugmentationTextTests
{
    [TestCase("two words", "two", "words")]
    [TestCase("don't 'quote' rock’n’roll dogs'", "don't", "quote", "rock’n’roll", "dogs")]
    [TestCase("under_score-d2, 3rd x²", "under", "score", "d2", "3rd", "x")]
    [TestCase("e\u0301te\u0301 \u0301x", "e\u0301te\u0301", "x")]
    [TestCase("日本語テキスト", "日本", "語テ", "キス", "ト")]
    [TestCase("ภาษาไทย", "ภา", "ษา", "ไท", "ย")]
    [TestCase("น้ำ", "น้ำ")]
    [TestCase("ABC日本x", "ABC", "日本", "x")]
    [TestCase("𠀀𠀁𠀂 𐐷𐐨", "𠀀𠀁", "𠀂", "𐐷𐐨")]
    [TestCase("نمی\u200cخواهم", "نمی\u200cخواهم")]
    [TestCase("क्षत्रिय 한국어", "क्षत्रिय", "한국어")]
    [TestCase("a🏽b 1\ufe0f\u20e3", "a🏽", "b", "1\ufe0f\u20e3")]
    [TestCase("😀 👩‍👩‍👧‍👦 … ", new string[0])]
    [TestCase("", new string[0])]
    public void ThereAreWords(string text, params string[] expected)
    {
        Assert.That(Words.Places(text).Select(word => text[word.Begin..word.End]), Is.EqualTo(expected));
    }

    [TestCase("one, two (three) four: five - six", 4, "two (three) four")]
    [TestCase("one, two (three) four: five - six", 1, "five")]
    [TestCase("日本語テキスト", 2, "キスト")]
    [TestCase("a🏽b 1\ufe0f\u20e3", 9, "a🏽b 1\ufe0f\u20e3")]
    [TestCase("… ", 1, "… ")]
    [TestCase("", 3, "")]
    public void ExcerptsAreWordsInARow(string text, int words, string one)
    {
        string[] excerpts = [.. Enumerable.Range(0, 200).Select(seed => Words.Excerpt(text, words, new(seed)))];
        Assert.That(excerpts, Does.Contain(one));
        Assert.That(excerpts.All(excerpt => text.Contains(excerpt, StringComparison.Ordinal)));
        var all = Count(text);
        Assert.That(excerpts.Select(Count).Distinct(), Is.SubsetOf(Enumerable.Range((words + 1) / 2, words + 1).Append(all)).And.All.LessThanOrEqualTo(Math.Min(all, words + (words / 2))));
        Assert.That(excerpts.Distinct().Count(), all > (words + 1) / 2 ? Is.GreaterThan(1) : Is.EqualTo(1));

        static int Count(string part) => Words.Places(part).Count();
    }

    /// <summary>What is quick for the large scripts is what .NET says of all.</summary>
    [Test]
    public void CharactersAreWhatTheyAreToDotNet()
    {
        var random = new Random(3);
        int[] extending = [0x0300, 0x0345, 0x0903, 0x0E33, 0x1160, 0x11A8, 0x200C, 0x200D, 0x3099, 0xFE0F, 0x1F3FB, 0xE0061, 0x0600, 0x0D4E, 0x0A, 0x0D, 0x1F469, 0x1F1E6];
        for (var i = 0; i < 200_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 3).Select(_ => char.ConvertFromUtf32(random.Next(4) == 0 ? extending[random.Next(extending.Length)] : AnyCharacter(random))));
            Assert.That(TextElements.LengthAt(text, 0), Is.EqualTo(StringInfo.GetNextTextElementLength(text)), () => string.Join(' ', text.Select(unit => $"{(int)unit:X4}")));
        }
    }

    /// <summary>No character is cut: all that comes out was in the text, for the kinds that only move, repeat or leave out.</summary>
    [Test]
    public void CharactersStayWhole([ValueSource(nameof(Moving))] string kind)
    {
        var augmentor = AugmentationKinds.Make(kind, 1);
        foreach (var piece in AugmentationKinds.Pieces)
        {
            var known = Elements(piece).Append(" ").ToHashSet();
            for (var seed = 0; seed < 50; seed++)
            {
                Assert.That(Elements(augmentor($"{piece} .", new(seed))).Where(element => element != ".").Distinct(), Is.SubsetOf(known), $"{piece}, seed {seed}");
            }
        }
    }

    static readonly string[] Moving = ["transpositions", "drops", "doublings", "white space"];

    /// <summary>The results of a fixed seed, as one machine wrote them down: they are the same on every one.</summary>
    [TestCase("typos", "th Naïve café-woner opens thhe mail, reds 01 liines of ti a Zürih, nad the doesn't lcose the doo.")]
    [TestCase("noise", "thd Naï ve cafe-onwer opens The maail, reads 10 ilnes ofit a Zürich, AND them dooesn't close thedoo r.")]
    [TestCase("case", "The Naïve café-OWNER OPENS THE mail, Reads 10 lines OF It at ZÜRICH, AND Then doesn't Close The Door.")]
    [TestCase("white space", "theNaïve café-owner open s the m ail, reads 10lines of  it a t Z ürich, and thendoe sn't closethedoor.")]
    [TestCase("stripped accents", "the Naive café-owner opens the mail, reads 10 lines of it at Zürich, and then doesn't close the door.")]
    [TestCase("OCR confusions", "fhe Naïye coté-ovvncr apcus fhc rnol1, rcod5 10 llnc5 0f it of 2üncb. ancl thcri doesri't do5c the d0or.")]
    [TestCase("homoglyphs", "t\u04bbe Naï\u03bde c\u0430fé-\u043ewn\u0435r o\u03c1en\u0455 t\u04bb\u0435 ma\u0456l, re\u0430\u0501\u0455 10 l\u0456n\u0435s of \u0456t \u0430t Zür\u0456ch, an\u0501 th\u0435n \u0501\u043eesn't cl\u03bf\u0455\u0435 t\u04bbe \u0501\u03bfor.")]
    [TestCase("misspellings", "teh Naïve café-owner opens the mail, reads 10 lines of it at Zürich, a nd then doesn't close teh door.")]
    public void ResultsAreTheSameEverywhere(string kind, string expected) =>
        Assert.That(AugmentationKinds.Make(kind, 0.5)(AugmentationKinds.Sentence, new(2026)), Is.EqualTo(expected));

    static int AnyCharacter(Random random)
    {
        var character = random.Next(5) == 0 ? random.Next(0x110000) : random.Next(0x3100);
        return character is >= 0xD800 and < 0xE000 ? 'a' : character;
    }

    static IEnumerable<string> Elements(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            yield return elements.GetTextElement();
        }
    }
}
