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
    [TestCase("red fox runs", "redfox runz", "redfox runs", TestName = "words behind a lost space are put right")]
    [TestCase("red fox runs", "rde f ox rusn", "red f ox runs", TestName = "words around a space out of place are put right")]
    [TestCase("red fox runs", "red  fix runs", "red  fox runs", TestName = "words behind a doubled space are put right")]
    [TestCase("aa bb cc dd", "aa xx dd", "aa xx dd", TestName = "a word that is like none is its own original")]
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
    public void EveryCharacterIsAskedForWhereThatIsSaid()
    {
        var masking = new CharacterMasking(Preprocessor, new() { Rate = 0.3, AskForAll = true, Augmentor = (_, _) => "red fix rns" });
        var (example, right) = (masking.Mask("red fox runs", new Random(1), noisy: true), Preprocessor.Encode(["red fox rns"]).Ids);
        Assert.That(example.Targets, Is.EqualTo(right.Select(id => id >= Vocabulary.FirstCharacter ? id : Batch.NoTarget)));
    }

    [Test]
    public void TransformsChangeWhatIsAskedForToo()
    {
        var masking = new CharacterMasking(Preprocessor, new() { AskForAll = true, Transforms = [(text, _) => text.ToLowerInvariant(), (text, _) => text.Replace('x', 'z')] });
        var example = masking.Mask("ABX", new Random(1), noisy: true);
        Assert.That(Preprocessor.Decode([.. example.Targets.Where(target => target != Batch.NoTarget)]), Is.EqualTo("abz"));
    }

    [Test]
    public void WhatAFilterRefusesIsNeitherTrainedOnNorMeasured()
    {
        var embedder = SmallParts.Embedder();
        using var pretrainer = new CharacterMaskPretrainer("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), new() { Filters = [text => text.Length > 3, text => !text.Contains('!')] });
        string[] texts = ["abc", "abcd!", "abcde", "abcdef"], kept = ["abcde", "abcdef"];
        var options = new TrainingOptions { Steps = 4, BatchSize = 2, ReportEvery = 4 };
        Assert.That(pretrainer.Evaluate(texts), Is.EqualTo(pretrainer.Evaluate(kept)));
        Assert.That(() => pretrainer.Train(["abc", "!!!!"], options), Throws.ArgumentException.With.Message.Contains("empty"));
        Assert.That(pretrainer.Train(texts, options).Steps, Is.EqualTo(4));
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
