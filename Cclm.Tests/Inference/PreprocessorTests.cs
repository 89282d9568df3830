using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

public class PreprocessorTests
{
    static readonly Vocabulary Letters = Vocabulary.Fit(["abcdefgh"]);

    // a is 4, b is 5 and so on; 2 is unknown, 3 is CLS, 0 is padding.
    [TestCase("", 512, 1, true, "3")]
    [TestCase("", 512, 1, false, "")]
    [TestCase("", 512, 3, true, "0 0 3")]
    [TestCase("", 512, 3, false, "")]
    [TestCase("ab", 512, 1, true, "4 5 3")]
    [TestCase("ab", 512, 1, false, "4 5")]
    [TestCase("axb", 512, 1, true, "4 2 5 3")]
    [TestCase("ab", 512, 3, true, "4 5 3")]
    [TestCase("abc", 512, 3, true, "4 5 6 0 0 3")]      // CLS is last, after the gap that rounding leaves
    [TestCase("abc", 512, 4, false, "4 5 6 0")]
    [TestCase("abcdefgh", 5, 1, true, "4 5 6 7 3")]     // too long: characters are cut, CLS stays
    [TestCase("abcdefgh", 5, 1, false, "4 5 6 7 8")]
    [TestCase("abcd", 5, 1, true, "4 5 6 7 3")]
    [TestCase("abcde", 5, 1, true, "4 5 6 7 3")]
    [TestCase("abcdefgh", 8, 3, true, "4 5 6 7 8 3")]   // the maximum is rounded down
    [TestCase("abcdefgh", 8, 3, false, "4 5 6 7 8 9")]
    [TestCase("abcd", 8, 3, true, "4 5 6 7 0 3")]
    [TestCase("ab", 1, 1, true, "3")]
    [TestCase("ab", 1, 1, false, "4")]
    public void TextBecomesIds(string text, int maxLength, int factor, bool cls, string expected)
    {
        var preprocessor = new Preprocessor(Letters, new() { MaxLength = maxLength, DownsampleFactor = factor, AddCls = cls });
        long[] ids = [.. Enumerable.Repeat(77L, 10)];

        var length = preprocessor.Encode(text, ids);

        Assert.That(string.Join(' ', ids[..length]), Is.EqualTo(expected));
        Assert.That(preprocessor.Length(text), Is.EqualTo(length));
        Assert.That(ids[length..], Is.All.EqualTo(77), "what lies after the text is not touched");
    }

    [Test]
    public void ASpanOfExactlyTheLengthIsEnoughAndAShorterOneIsAnError(
        [Values("", "a", "abc", "a😀c", "abcdefghabcdefgh")] string text, [Values(1, 3)] int factor, [Values] bool cls)
    {
        var preprocessor = new Preprocessor(Letters, new() { MaxLength = 11, DownsampleFactor = factor, AddCls = cls });
        var length = preprocessor.Length(text);

        Assert.That(preprocessor.Encode(text, new long[length]), Is.EqualTo(length));
        for (var room = 0; room < length; room++)
        {
            Assert.That(() => preprocessor.Encode(text, new long[room]), Throws.ArgumentException
                .With.Message.Contains($"needs {length} ids").And.Message.Contains($"room for {room}").And.Message.Contains("MaxLength (11)"));
        }
    }

    [TestCase(1, 7)]
    [TestCase(3, 9)]
    public void ABatchIsPaddedToItsLongestText(int factor, int length)
    {
        var preprocessor = new Preprocessor(Letters, new() { DownsampleFactor = factor });
        string[] texts = ["ab", "", "abcdef", "x"];

        var batch = preprocessor.Encode(texts);

        Assert.That((batch.Rows, batch.Length, batch.Ids.Length), Is.EqualTo((4, length, 4 * length)));
        for (var row = 0; row < texts.Length; row++)
        {
            var alone = new long[length];
            preprocessor.Encode(texts[row], alone);
            Assert.That(batch.Ids[(row * length)..((row + 1) * length)], Is.EqualTo(alone));
        }
    }

    [TestCase(1, true, 0, 1)]
    [TestCase(1, false, 3, 1)]
    [TestCase(4, true, 3, 4)]
    [TestCase(4, false, 3, 4)]
    public void ABatchOfEmptyTextsHasALength(int factor, bool cls, int rows, int length)
    {
        var batch = new Preprocessor(Letters, new() { DownsampleFactor = factor, AddCls = cls }).Encode([.. Enumerable.Repeat("", rows)]);

        Assert.That((batch.Rows, batch.Length, batch.Ids.Length), Is.EqualTo((rows, length, rows * length)));
        Assert.That(batch.Ids.Count(id => id == Vocabulary.Cls), Is.EqualTo(cls ? rows : 0));
    }

    [Test]
    public void DecodingShowsWhatIsMaskedOrUnknownAndDropsTheRest()
    {
        var preprocessor = new Preprocessor(Letters, new() { DownsampleFactor = 5 });

        long[] ids = [4, Vocabulary.Mask, Vocabulary.Unknown, 5, Vocabulary.Padding, Vocabulary.Cls, Vocabulary.Padding];
        Assert.That(preprocessor.Decode(ids), Is.EqualTo("a█\uFFFDb"));
        Assert.That(preprocessor.Decode(preprocessor.Encode(["abcdefgh", "cab"]).Ids), Is.EqualTo("abcdefghcab"));
        Assert.That(preprocessor.Decode([]), Is.Empty);
    }

    [TestCase(-1)]
    [TestCase(12)]
    [TestCase(long.MinValue)]
    [TestCase(long.MaxValue)]
    [TestCase((1L << 32) + 4)]
    public void DecodingAnIdOfAnotherVocabularyIsAnError(long id) =>
        Assert.That(
            () => new Preprocessor(Letters).Decode([4, id]),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 11"));

    [TestCase(512, 0, "DownsampleFactor is 0")]
    [TestCase(512, -2, "DownsampleFactor is -2")]
    [TestCase(0, 1, "MaxLength is 0")]
    [TestCase(-5, 1, "MaxLength is -5")]
    [TestCase(7, 8, "MaxLength is 7; expected at least DownsampleFactor, which is 8")]
    [TestCase(int.MaxValue, 1, "MaxLength is 2,147,483,647; expected at most 67,108,864")]
    [TestCase(int.MaxValue, int.MaxValue, "DownsampleFactor is 2,147,483,647; expected at most 4,096")]
    public void ImpossibleOptionsAreErrors(int maxLength, int factor, string message) => Assert.That(
        () => new Preprocessor(Letters, new() { MaxLength = maxLength, DownsampleFactor = factor }),
        Throws.ArgumentException.With.Message.Contains(message));

    [Test]
    public void TheDefaultsAreThoseOfTheModelFormat() => Assert.That(new Preprocessor(Letters).Options,
        Is.EqualTo(new PreprocessorOptions { MaxLength = 512, DownsampleFactor = 1, AddCls = true }));

    [TestCase(4_096)]
    [TestCase(4_095)]
    public void TheLargestOptionsCanBeUsed(int factor) =>
        Assert.That(new Preprocessor(Letters, new() { MaxLength = 67_108_864, DownsampleFactor = factor }).Length("abc"), Is.EqualTo(factor));
}
