using System.Security.Cryptography;
using System.Text;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

public class VocabularyTests
{
    [Test]
    public void CharactersHaveIdsInCodePointOrderFromFour()
    {
        var vocabulary = Vocabulary.Fit(["za", "😀a", "\uFFFD\0"]);

        Assert.That(string.Concat(vocabulary.Characters), Is.EqualTo("\0az\uFFFD😀"));
        Assert.That(vocabulary.Characters.Select(character => vocabulary[character]), Is.EqualTo(new[] { 4, 5, 6, 7, 8 }));
        Assert.That(vocabulary.Count, Is.EqualTo(9));
    }

    [Test]
    public void EveryOtherCharacterOfUnicodeIsUnknown()
    {
        var vocabulary = Vocabulary.Fit(["ÿĀ\uFFFF\U00010000\U0010FFFF"]);

        var known = AllRunes().Where(character => vocabulary[character] != Vocabulary.Unknown);

        Assert.That(known, Is.EqualTo(vocabulary.Characters));
    }

    [Test]
    public void AnIdGivesItsCharacterBack()
    {
        var vocabulary = Vocabulary.Fit(["ñ😀x"]);

        Assert.That(vocabulary.Characters.Select(character => vocabulary.CharacterOf(vocabulary[character])), Is.EqualTo(vocabulary.Characters));
        Assert.That(Enumerable.Range(0, Vocabulary.FirstCharacter).Select(vocabulary.CharacterOf), Is.All.Null);
    }

    [TestCase(-1)]
    [TestCase(7)]
    public void AnIdOfAnotherVocabularyIsAnError(int id)
    {
        var vocabulary = Vocabulary.Fit(["abc"]);

        Assert.That(
            () => vocabulary.CharacterOf(id),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains($"The id is {id}").And.Message.Contains("0 to 6"));
    }

    [TestCase(1, null, "abcd")]
    [TestCase(2, null, "bcd")]
    [TestCase(4, null, "")]
    [TestCase(1, 6, "bd")]              // b and d are the most frequent
    [TestCase(1, 7, "bcd")]
    [TestCase(1, 5, "b")]               // equally frequent: the lower code point
    [TestCase(1, 4, "")]
    [TestCase(1, 100, "abcd")]
    [TestCase(3, 7, "bd")]
    public void RareCharactersAreLeftOut(int minCount, int? maxSize, string kept)
    {
        var vocabulary = Vocabulary.Fit(["ddd", "cc", "bbb", "a"], new() { MinCount = minCount, MaxSize = maxSize });

        Assert.That(string.Concat(vocabulary.Characters), Is.EqualTo(kept));
        Assert.That(vocabulary.Count, Is.LessThanOrEqualTo(maxSize ?? int.MaxValue));
    }

    [TestCase(0, null, "MinCount is 0")]
    [TestCase(-3, null, "MinCount is -3")]
    [TestCase(1, 3, "MaxSize is 3")]
    [TestCase(1, -1, "MaxSize is -1")]
    public void ImpossibleOptionsAreErrors(int minCount, int? maxSize, string found) => Assert.That(
        () => Vocabulary.Fit([], new() { MinCount = minCount, MaxSize = maxSize }),
        Throws.ArgumentException.With.Message.Contains(found).And.Message.Contains("expected"));

    [Test]
    public void ALoneSurrogateCountsAsTheReplacementCharacter() =>
        Assert.That(string.Concat(Vocabulary.Fit(["a\uD83D", "\uDE00b"]).Characters), Is.EqualTo("ab\uFFFD"));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(65_535)]
    [TestCase(65_536)]
    [TestCase(131_075)]
    public void AStreamGivesWhatTheWholeTextGivesWhereverABlockCutsIt(int before)
    {
        var text = new string('a', before) + "😀\uD83D\r\n😀" + new string('b', 70_000) + "\uD83D";

        var streamed = Vocabulary.Fit(new ChoppyReader(text), new() { MinCount = 2 });

        Assert.That(streamed.Characters, Is.EqualTo(Vocabulary.Fit([text], new() { MinCount = 2 }).Characters));
        Assert.That(streamed[Rune.GetRuneAt("😀", 0)], Is.Not.EqualTo(Vocabulary.Unknown), "a pair that a block cut in two was lost");
    }

    [Test]
    public void TheHashIsOfTheCharactersInUtf8()
    {
        var expected = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("aé😀")));

        Assert.That(Vocabulary.Fit(["😀éaa"]).Hash, Is.EqualTo(expected));
        Assert.That(Vocabulary.Fit(["😀éab"]).Hash, Is.Not.EqualTo(expected));
    }

    static IEnumerable<Rune> AllRunes() => Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(codePoint => new Rune(codePoint));

    /// <summary>Reads a few characters at a time, as a network does.</summary>
    sealed class ChoppyReader(string text) : StringReader(text)
    {
        public override int Read(char[] buffer, int index, int count) => base.Read(buffer, index, Math.Min(count, 1 + (index + count) % 997));
    }
}
