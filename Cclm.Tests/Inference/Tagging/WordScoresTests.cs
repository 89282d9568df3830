using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>From logits of characters to scores of words, and pieces of a text to the whole.</summary>
public sealed class WordScoresTests
{
    static readonly TagSet Tags = new(["x"], TagScheme.Bio);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public void AWordIsTheMeanOfItsCharactersWhateverStandsBetween(int between)
    {
        float[][] characters = [[1, 2, 0], [3, 0, 0], [-1, 5, 2], [0, 0, 4]];           // of words of 2, 1 and 1 characters
        int[] lengths = [2, 1, 1, 0, 0];
        float[] gap = [.. Enumerable.Repeat(new[] { 0f, 99, 0 }, between).SelectMany(logits => logits)];
        float[] logits = [.. characters[0], .. characters[1], .. gap, .. characters[2], .. gap, .. characters[3]];
        var scores = new WordScores(logits, lengths, between, Tags);
        var logs = characters.Select(logits => logits.Select(logit => logit - Math.Log(logits.Sum(other => Math.Exp(other)))).ToArray()).ToArray();
        double[][] words = [[.. logs[0].Zip(logs[1], (a, b) => (a + b) / 2)], logs[2], logs[3]];
        Assert.That(scores.Decode(), Is.EqualTo(new[] { 0, 1, 2, 0, 0 }));
        for (var word = 0; word < words.Length; word++)
        {
            Assert.That(Enumerable.Range(0, 3).Select(tag => scores.Probability(word, tag)), Is.EqualTo(words[word].Select(score => Math.Exp(score) / words[word].Sum(Math.Exp))).Within(1e-6));
        }
    }

    [Test]
    public void CharactersThatAreSureOfDifferentTagsGiveNumbersToo()
    {
        var scores = new WordScores([2000, -2000, 0, -2000, 2000, 0], [2], 0, Tags);
        Assert.That(Enumerable.Range(0, 3).Sum(tag => scores.Probability(0, tag)), Is.EqualTo(1).Within(1e-9));
    }

    /// <summary>Of what two pieces have in common, the first half is the earlier one's: each character is answered by the piece where it stands further from the end.</summary>
    [TestCase("0-4 4-8", "00001111")]
    [TestCase("0-4 3-7", "0001111")]
    [TestCase("0-4 2-6 4-7", "0001122")]
    [TestCase("0-6 1-7", "0001111")]
    public void PiecesAreJoinedInTheMiddleOfWhatTheyHaveInCommon(string pieces, string expected)
    {
        var joined = CharacterLogits.Join([.. pieces.Split(' ').Select((piece, i) =>
        {
            var (start, end) = (int.Parse(piece[..1], null), int.Parse(piece[2..], null));
            return (new CharacterLogits(Tags, [.. Enumerable.Range(start, end - start).SelectMany(_ => new float[] { i, i, i })]), new TextPiece(start..end, 0.5f));
        })]);
        Assert.That(string.Concat(Enumerable.Range(0, joined.Count).Select(i => joined.Values[3 * i])), Is.EqualTo(expected));
    }

    [Test]
    public void OfAModelThatWasLoadedMeanwhileLessMayBeRead()
    {
        var joined = CharacterLogits.Join([(new(Tags, [1, 1, 1]), new(0..4, 0.5f)), (new(Tags, [2, 2, 2]), new(2..6, 0.5f))]);
        Assert.That(joined.Values, Is.EqualTo(new float[] { 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }), "nothing is known of the others");
        var other = new CharacterLogits(new(["y"], TagScheme.Bio), new float[12]);
        Assert.That(() => CharacterLogits.Join([(new(Tags, new float[12]), new(0..4, 0.5f)), (other, new(2..6, 0.5f))]), Throws.TypeOf<CclmModelException>().With.Message.Contains("Ask again"));
    }
}
