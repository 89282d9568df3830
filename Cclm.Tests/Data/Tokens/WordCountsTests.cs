using System.Numerics;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class WordCountsTests
{
    [TestCase("a b  a\tB\nb\u3000a", "a 3, b 3")]
    [TestCase("Élan élan e\u0301lan ELAN", "elan 4")]
    [TestCase("a\u00A0b\u2003c\u0085d", "a 1, b 1, c 1, d 1")]
    [TestCase("a,b. \u200Bc", "a,b. 1, \u200Bc 1")]         // zero width space is none
    [TestCase("\u0301 \u0301a", "a 1")]
    [TestCase("", "")]
    public void WordsStandBetweenWhiteSpace(string text, string expected) => Assert.That(string.Join(", ", Count([text])), Is.EqualTo(expected));

    [Test]
    public void LongTextsAndLongWordsAreCountedInParts([Values(65_535, 65_536, 65_537, 200_001)] int length, [Values("ab ", "a", "😀", "a😀😀", "é")] string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, length / piece.Length + 1));
        var counts = WordCounts.Of([text], CancellationToken.None).Total();

        Assert.That(counts.Sum(word => word.Key.Length * word.Value), Is.EqualTo(text.Count(unit => unit != ' ')));
        Assert.That(counts.Keys, Has.All.Length.LessThanOrEqualTo(NormalizedText.MaxWord + 1));
        Assert.That(counts.Keys, Has.None.Contains("\uFFFD"));
    }

    [Test]
    public void WhereTheyDoNotFitThoseOfASampleAreCounted([Values(500, 5_000, 20_000)] long most)
    {
        var texts = Enumerable.Range(0, 2000).Select(i => $"word{i} word{i / 2} the").ToList();
        var zeros = Enumerable.Range(0, 64).First(zeros => Size(zeros) <= most);
        var expected = texts.Where(text => Zeros(text) >= zeros).SelectMany(text => text.Split(' ')).CountBy(word => word).ToDictionary(word => word.Key, word => (long)word.Value);

        Assert.That(zeros, Is.Positive);
        Assert.That(WordCounts.Of(texts, CancellationToken.None, most).Total(), Is.EquivalentTo(expected));

        // A word takes its length and what is around it in each level that it is in: the words are held apart by their texts' zeros.
        long Size(int zeros) => texts.Where(text => Zeros(text) >= zeros).SelectMany(text => text.Split(' ').Select(word => (Zeros(text), word))).Distinct()
            .Sum(word => word.word.Length + WordCounts.WordOverhead);
        static int Zeros(string text) => BitOperations.LeadingZeroCount(TextHash.Of(text));
    }

    static IEnumerable<string> Count(IEnumerable<string> texts) => WordCounts.Of(texts, CancellationToken.None).Total()
        .OrderBy(word => word.Key, StringComparer.Ordinal).Select(word => $"{word.Key} {word.Value}");
}
