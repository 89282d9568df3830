using System.Text.RegularExpressions;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Decoding against a search of all sequences; what a scheme allows is said by a regular expression.</summary>
public sealed class ViterbiTests
{
    static readonly Dictionary<TagScheme, Regex> Valid = new()
    {
        [TagScheme.Bio] = new(@"^(O |B-(\w+) (I-\2 )*)*$"),
        [TagScheme.Bioes] = new(@"^(O |S-\w+ |B-(\w+) (I-\2 )*E-\2 )*$"),
    };

    [TestCase(TagScheme.Bio, 1, 1)]
    [TestCase(TagScheme.Bio, 1, 7)]
    [TestCase(TagScheme.Bio, 4, 5)]
    [TestCase(TagScheme.Bioes, 1, 1)]
    [TestCase(TagScheme.Bioes, 1, 6)]
    [TestCase(TagScheme.Bioes, 2, 5)]
    public void TheSequenceIsTheBestOfAll(TagScheme scheme, int types, int words)
    {
        var tags = new TagSet(Enumerable.Range(0, types).Select(type => $"t{type}"), scheme);
        var all = Sequences(tags, words).Where(sequence => Valid[scheme].IsMatch(Write(sequence, tags))).ToList();
        var random = new Random(words);
        for (var trial = 0; trial < 20; trial++)
        {
            var scores = Enumerable.Range(0, words * tags.Names.Count).Select(_ => random.NextDouble()).ToArray();
            var best = all.MaxBy(sequence => sequence.Select((tag, word) => scores[(word * tags.Names.Count) + tag]).Sum())!;
            Assert.That(Write(Viterbi.Decode(scores, tags), tags), Is.EqualTo(Write(best, tags)));
        }
    }

    [TestCase(TagScheme.Bio, 2, 3)]
    [TestCase(TagScheme.Bioes, 2, 3)]
    public void SequencesAreAllowedByTheirPairs(TagScheme scheme, int types, int words)
    {
        var tags = new TagSet(Enumerable.Range(0, types).Select(type => $"t{type}"), scheme);
        foreach (var sequence in Sequences(tags, words))
        {
            int[] whole = [TagSet.Outside, .. sequence, TagSet.Outside];
            Assert.That(whole.Zip(whole.Skip(1)).All(pair => tags.MayFollow(pair.First, pair.Second)), Is.EqualTo(Valid[scheme].IsMatch(Write(sequence, tags))), Write(sequence, tags));
        }
    }

    [TestCase(0.0)]
    [TestCase(double.NaN)]
    [TestCase(double.NegativeInfinity)]
    public void WhateverTheScoresTheAnswerIsAllowed(double score)
    {
        var tags = new TagSet(["x"], TagScheme.Bioes);
        Assert.That(Valid[TagScheme.Bioes].IsMatch(Write(Viterbi.Decode(Enumerable.Repeat(score, 3 * tags.Names.Count).ToArray(), tags), tags)));
    }

    [Test]
    public void ScoresOfAnotherNumberOfClassesAreRefused()
    {
        Assert.That(Viterbi.Decode([], new TagSet(["x"], TagScheme.Bio)), Is.Empty);
        Assert.That(() => Viterbi.Decode(new double[4], new TagSet(["x"], TagScheme.Bio)), Throws.ArgumentException.With.Message.Contains("4 scores are not 3"));
    }

    static IEnumerable<int[]> Sequences(TagSet tags, int words) => words == 0 ? [[]]
        : Sequences(tags, words - 1).SelectMany(begun => Enumerable.Range(0, tags.Names.Count).Select(tag => (int[])[.. begun, tag]));

    static string Write(int[] sequence, TagSet tags) => string.Concat(sequence.Select(tag => $"{tags.Names[tag]} "));
}
