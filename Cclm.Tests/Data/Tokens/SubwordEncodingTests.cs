using System.Globalization;
using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class SubwordEncodingTests
{
    static readonly string[] Texts =
    [
        "", " ", "\u0301", "a", " The   naïve café\tÉCOLE e\u0301cole, Ångström. ", "Ёжик и йод ЁЛКА йогурт", "我们都是中国人，豈\U0002A6D6。 我们", "مُحَمَّد رَسُولُ ٱللَّٰه محمد",
        "👩\u200D👩\u200D👧\u200D👦 👍🏽 ❤\uFE0F🏳\uFE0F\u200D🌈", "한국어 각각 한", "हिन्दी में किताबें", "\u0301a \u0302b\u0301\u0302 \u0303 c", "a\u00A0b\u3000c\u2028d", "\uD800x\uDC00 \uD83D",
        "\0a\0 b\uFFFDc", "Tiếng Việt: ậ ặ ữ", "ﷺ ﬁn ½ №", "[MASK] [UNK] [CLS]", "zzzzqqqq ΑΒΓ", new string('a', 2500) + "\u0301 b", string.Concat(Enumerable.Repeat("é😀", 900)),
    ];

    static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.Fit([.. Texts.Where(text => !text.StartsWith("zz", StringComparison.Ordinal)), .. Texts.Take(12)], new() { VocabularySize = 400 });

    [TestCaseSource(nameof(Texts))]
    public void TokensCoverEveryCharacterOfEveryWordOnce(string text)
    {
        var covered = new bool[text.Length];
        var end = 0;
        foreach (var token in Tokenizer.Encode(text))
        {
            var (start, length) = token.Utf16.GetOffsetAndLength(text.Length);
            Assert.That(start, Is.GreaterThanOrEqualTo(end));
            Assert.That(text[end..start].All(char.IsWhiteSpace) || OnlyMarks(text[end..start]), "What lies between is no part of a word.");
            covered.AsSpan(start, length).Fill(true);
            end = start + length;
        }
        foreach (var (i, unit) in text.Index())
        {
            Assert.That(covered[i], Is.EqualTo(!char.IsWhiteSpace(unit) && !OnlyMarks(WordAt(text, i))), $"unit {i}");
        }
    }

    [TestCaseSource(nameof(Texts))]
    public void NoTokenDividesACharacterOrPartsItFromItsMarks(string text)
    {
        foreach (var token in Tokenizer.Encode(text))
        {
            foreach (var place in (int[])[token.Utf16.Start.Value, token.Utf16.End.Value])
            {
                if (place > 0 && place < text.Length && !char.IsWhiteSpace(text[place - 1]))
                {
                    Assert.That(char.IsSurrogatePair(text, place - 1), Is.False, $"unit {place}");
                    Assert.That(Rune.TryGetRuneAt(text, place, out var rune) && IsMark(rune), Is.False, $"unit {place}");
                }
            }
        }
    }

    [TestCaseSource(nameof(Texts))]
    public void ATokenIsWhatItCoversNormalised(string text)
    {
        foreach (var word in text.EnumerateRunes().Any(rune => rune.Value is >= 0xAC00 and < 0xD7A4) ? [] : Tokenizer.Encode(text))
        {
            var normalized = new NormalizedText(text.AsSpan(word.Utf16));
            var covered = string.Concat(normalized.Words().Select(range => normalized[range].ToString()));
            Assert.That(covered, word.Id == SubwordTokenizer.Unknown ? Has.Length.InRange(1, 2) : Is.EqualTo(Tokenizer.Vocabulary[word.Id]));
            Assert.That(word.Id, Is.Not.EqualTo(SubwordTokenizer.Mask).And.Not.EqualTo(SubwordTokenizer.Cls));
        }
    }

    [TestCaseSource(nameof(Texts))]
    public void CharactersAreThoseOfTheUnits(string text)
    {
        foreach (var token in Tokenizer.Encode(text))
        {
            Assert.That(token.Characters.Start.Value, Is.EqualTo(text[..token.Utf16.Start.Value].EnumerateRunes().Count()));
            Assert.That(token.Characters.End.Value, Is.EqualTo(text[..token.Utf16.End.Value].EnumerateRunes().Count()));
        }
    }

    [Test]
    public void ASyllableThatTwoTokensShareBelongsToTheFirst()
    {
        var tokenizer = SubwordTokenizer.Fit(["가가가 나나나 간 \u11AB\u11AB"], new() { VocabularySize = 20 });

        Assert.That(tokenizer.Encode("가 간나").Select(token => (tokenizer.Vocabulary[token.Id], token.Utf16)),
            Is.EqualTo(((string, Range)[])[("\u1100\u1161", 0..1), ("\u1100\u1161", 2..3), ("\u11AB", 3..3), ("\u1102\u1161", 3..4)]));
    }

    [Test]
    public void ThreadsShareATokenizer()
    {
        var fresh = SubwordTokenizer.FromJson(Tokenizer.ToJson());
        var expected = Texts.Select(text => Tokenizer.Encode(text)).ToList();

        Parallel.For(0, 200, i => Assert.That(fresh.Encode(Texts[i % Texts.Length]), Is.EqualTo(expected[i % Texts.Length])));
    }

    static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    static bool OnlyMarks(string text) => text.EnumerateRunes().All(rune => IsMark(rune) || Rune.IsWhiteSpace(rune));

    static string WordAt(string text, int place)
    {
        var (start, end) = (place, place);
        while (start > 0 && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }
        return text[start..end];
    }
}
