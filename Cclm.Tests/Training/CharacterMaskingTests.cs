using Cclm.Inference;
using Cclm.Training;
using NUnit.Framework;

namespace Cclm.Tests.Training;

/// <summary>What a masked text asks for always stands at its place.</summary>
public sealed class CharacterMaskingTests
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz";

    static readonly Preprocessor Preprocessor = new(Vocabulary.Fit([Alphabet + " "]), new() { MaxLength = 20 });

    /// <summary>Original, what noise made of it, and the text that may be asked for at each position.</summary>
    [TestCase("red fox runs", "red fix runs", "red fox runs", TestName = "a substitution is put right")]
    [TestCase("red fox runs", "rde fox rusn", "red fox runs", TestName = "transpositions are put right")]
    [TestCase("red fox runs", "redd fox rns", "redd fox rns", TestName = "one character more and one less shift nothing")]
    [TestCase("red fox runs", "redd fix runs", "redd fox runs", TestName = "a word of another length is its own original")]
    [TestCase("red fox runs", "redfox runs", "redfox runs", TestName = "a lost space asks for nothing")]
    [TestCase(Alphabet, "z" + Alphabet, "z" + Alphabet, TestName = "a text that is cut shifts nothing")]
    public void NoiseIsPutRightWhereItMovedNothing(string original, string noisy, string expected)
    {
        var masking = new CharacterMasking(Preprocessor, new() { Rate = 0.3, Run = 2, Augmentor = (_, _) => noisy });
        var right = Preprocessor.Encode([expected]).Ids;
        var read = Preprocessor.Encode([noisy]).Ids;
        for (var seed = 0; seed < 50; seed++)
        {
            var example = masking.Mask(original, new Random(seed), noisy: true);
            for (var i = 0; i < right.Length; i++)
            {
                var asked = example.Targets[i] != Batch.NoTarget;
                Assert.That(asked, Is.EqualTo(example.Ids[i] == Vocabulary.Mask || read[i] != right[i]), $"Position {i}.");
                Assert.That(example.Targets[i], Is.EqualTo(asked ? right[i] : Batch.NoTarget), $"Position {i}.");
            }
        }
    }

    [Test]
    public void RateAndRunAreAsAskedFor()
    {
        var masking = new CharacterMasking(new(Vocabulary.Fit(["x"]), new() { MaxLength = 1001 }), new() { Rate = 0.125, Run = 5 });
        var texts = Enumerable.Range(0, 200).Select(seed => masking.Mask(new string('x', 1000), new Random(seed), noisy: false)).ToArray();
        var share = texts.Average(text => text.Ids.Count(id => id == Vocabulary.Mask) / 1000.0);
        Assert.That(share, Is.EqualTo(0.125 + (0.875 * 0.005)).Within(0.003));
        Assert.That(texts.Select(text => string.Concat(text.Ids.Select(id => id == Vocabulary.Mask ? 'm' : '.'))), Has.All.Contains("mmmmm"));
        Assert.That(texts.Select(text => text.Ids[^1]), Is.All.EqualTo(Vocabulary.Cls), "CLS is never masked.");
    }
}
