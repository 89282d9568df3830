using System.Text;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Text that is not plain English.</summary>
public class PreprocessorTextTests
{
    static readonly Preprocessor WithoutCls = new(Vocabulary.Fit(["aé😀\0\uFFFD\u0301"]), new() { AddCls = false });

    // In code-point order: NUL 4, a 5, é 6, combining acute 7, U+FFFD 8, emoji 9. Not attributes: those hold no lone surrogates.
    static readonly object[][] Texts =
    [
        ["😀", "9"],                            // one character, two UTF-16 units
        ["a😀a", "5 9 5"],
        ["\uD83D", "8"],                        // lone surrogates
        ["\uDE00", "8"],
        ["\uD83Da", "8 5"],
        ["\uDE00\uD83D", "8 8"],
        ["\uD83D\uD83D\uDE00", "8 9"],
        ["a\0a", "5 4 5"],
        ["e\u0301é", "2 7 6"],                  // nothing is composed, decomposed or folded
        ["A \uFFFE", "2 2 2"],
    ];

    [TestCaseSource(nameof(Texts))]
    public void ACharacterIsAUnicodeScalarValue(string text, string expected)
    {
        var ids = new long[10];

        var length = WithoutCls.Encode(text, ids);

        Assert.That(string.Join(' ', ids[..length]), Is.EqualTo(expected));
        Assert.That(WithoutCls.Length(text), Is.EqualTo(length));
    }

    [Test]
    public void ANulIsPaddedAndDecodedLikeAnyOtherCharacter()
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit(["\0a"]));

        Assert.That(preprocessor.Decode(preprocessor.Encode(["\0a\0", "a"]).Ids), Is.EqualTo("\0a\0a"));
    }

    [Test]
    public void TextOfAnyScalarsComesBackFromItsIds()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 200; trial++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => RandomRune(random)));
            var preprocessor = new Preprocessor(Vocabulary.Fit([text]), new() { DownsampleFactor = 1 + (trial % 5), AddCls = trial % 2 == 0 });

            Assert.That(preprocessor.Decode(preprocessor.Encode([text]).Ids), Is.EqualTo(text));
        }
    }

    [TestCase(512, 512)]
    [TestCase(20_000_000, 10_000_001)]
    public void TenMillionCharactersAreCutOrEncodedWhole(int maxLength, int length)
    {
        var text = string.Concat(Enumerable.Repeat("abcdefg😀hi", 1_000_000));
        var preprocessor = new Preprocessor(Vocabulary.Fit([text]), new() { MaxLength = maxLength });
        var ids = new long[length];

        Assert.That(preprocessor.Encode(text, ids), Is.EqualTo(length));
        Assert.That(ids[^1], Is.EqualTo(Vocabulary.Cls));
        Assert.That(preprocessor.Decode(ids.AsSpan(0, 500)), Is.EqualTo(string.Concat(Enumerable.Repeat("abcdefg😀hi", 50))));
        Assert.That(ids.AsSpan(0, length - 1).IndexOfAnyExceptInRange(4L, 13L), Is.EqualTo(-1));
    }

    [Test]
    public void EncodingIntoASpanAllocatesNothing()
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit(["the quick brown fox 😀"]));
        var ids = new long[512];
        preprocessor.Encode("fox", ids);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            preprocessor.Encode("the quick \uD83D brown 😀 ß fox", ids);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    static Rune RandomRune(Random random)
    {
        while (true)
        {
            if (Rune.TryCreate(random.Next(random.Next(2) == 0 ? 0x250 : 0x110000), out var rune))
            {
                return rune;
            }
        }
    }
}
