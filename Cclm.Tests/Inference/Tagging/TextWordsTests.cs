using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>A text's words, and that they stand where they are said to.</summary>
public sealed class TextWordsTests
{
    [TestCase("", "")]
    [TestCase(" \t\r\n\u00a0\u2003", "")]
    [TestCase("Ada Lovelace wrote.", "Ada|Lovelace|wrote|.")]
    [TestCase("one\r\ntwo\n\nthree ", "one|two|three")]
    [TestCase("U.S. (1996-08-22)", "U|.|S|.|(|1996|-|08|-|22|)")]
    [TestCase("Germany's and James' O'Brien, d’état; 'tis 'so'", "Germany|'s|and|James|'|O'Brien|,|d’état|;|'|tis|'|so|'")]
    [TestCase("O’Brien’s it's'", "O’Brien|’s|it|'s|'")]
    [TestCase("rock'n'roll a'b'sc 'S'S", "rock'n'roll|a'b'sc|'|S|'S")]
    [TestCase("'''s''", "'|'|'|s|'|'")]
    [TestCase("cafe\u0301 naïve x\u0323\u0301!", "cafe\u0301|naïve|x\u0323\u0301|!")]
    [TestCase("I ❤️ 👩‍💻🇩🇪x", "I|❤️|👩‍💻|🇩🇪|x")]
    [TestCase("\U0001d400\U0001d401 \U00010330x", "\U0001d400\U0001d401|\U00010330x")]
    [TestCase("القاهرة، مصر", "القاهرة|،|مصر")]
    [TestCase("می\u200cخواهم हिन्दी東京", "می\u200cخواهم|हिन्दी東京")]
    [TestCase("x²½٣", "x|²|½|٣")]
    public void TheWordsAreThoseOfCorpora(string text, string words) =>
        Assert.That(string.Join('|', new TextWords(text).Words), Is.EqualTo(words));

    [Test]
    public void SurrogatesThatStandAloneAreWords() =>
        Assert.That(new TextWords("a\ud83d b\ude00c \ud83d\ude00").Words, Is.EqualTo(new[] { "a", "\ud83d", "b", "\ude00", "c", "😀" }));

    /// <summary>A span of each word is that word, and a span of all of them is what stands from the first to the last.</summary>
    [Test]
    public void WordsStandWhereTheyAreSaidTo([Values(0, 1, 2, 3)] int seed)
    {
        const string Alphabet = "ab's’S \r\n\u0301.\ud83d\ude00\u200d👩ق\u00a07";
        var random = new Random(seed);
        for (var length = 0; length < 200; length++)
        {
            var text = new string([.. Enumerable.Range(0, length).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var words = new TextWords(text);
            var each = words.SpansOf(new([], [.. words.Words.Select((_, i) => new WordSpan("x", i, 1, 1))]));
            Assert.That(each.Select(span => span.Text), Is.EqualTo(words.Words));
            Assert.That(each.Select(span => text.Substring(span.Start, span.Length)), Is.EqualTo(words.Words));
            Assert.That(each.Zip(each.Skip(1)), Is.All.Matches<(TaggedSpan, TaggedSpan)>(pair => pair.Item1.Start + pair.Item1.Length <= pair.Item2.Start));
            if (words.Words.Count > 0)
            {
                var (first, last) = (each[0].Start, each[^1].Start + each[^1].Length);
                Assert.That(words.SpansOf(new([], [new("x", 0, words.Words.Count, 1)])).Single(), Is.EqualTo(new TaggedSpan("x", first, last - first, text[first..last], 1)));
            }
        }
    }
}
