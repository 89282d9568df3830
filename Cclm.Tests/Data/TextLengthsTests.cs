using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class TextLengthsTests
{
    [Test]
    public void TextsAreCountedByTheirCharacters()
    {
        var lengths = new TextLengths();
        foreach (var text in (string[])["é😀", " \n", "", "abc", "abc", "0123456789"])
        {
            lengths.Add(text);
        }
        Assert.That((lengths.Count, lengths.Characters, lengths.Longest), Is.EqualTo((4L, 2L + 3 + 3 + 10, 10)));
        Assert.That(((double[])[0.1, 0.5, 0.75, 0.9, 1]).Select(lengths.Quantile), Is.EqualTo((int[])[2, 3, 3, 10, 10]));
        Assert.That(((int[])[0, 2, 3, 9, 10]).Select(lengths.LongerThan), Is.EqualTo((long[])[4, 3, 1, 1, 0]));
    }

    [Test]
    public void OfNoTextNothingIsSaid()
    {
        var lengths = new TextLengths();
        Assert.That((lengths.Count, lengths.Characters, lengths.Longest, lengths.Quantile(0.9), lengths.LongerThan(0)), Is.EqualTo((0L, 0L, 0, 0, 0L)));
    }
}
