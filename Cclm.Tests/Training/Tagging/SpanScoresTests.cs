using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training;

public sealed class SpanScoresTests
{
    /// <summary>The numbers are what conlleval (version 2004-01-26, Perl) printed for these tags: phrases, found, correct, then percent. A bar ends a sentence.</summary>
    [TestCase("B-PER I-PER O", "B-PER I-PER O", 1, 1, 1, 100.00, 100.00, 100.00, 100.00)]
    [TestCase("B-PER I-PER O", "B-PER O O", 1, 1, 0, 66.67, 0.00, 0.00, 0.00)]
    [TestCase("B-PER I-PER O", "O O O", 1, 0, 0, 33.33, 0.00, 0.00, 0.00)]
    [TestCase("O O O", "O B-PER O", 0, 1, 0, 66.67, 0.00, 0.00, 0.00)]
    [TestCase("O O", "O O", 0, 0, 0, 100.00, 0.00, 0.00, 0.00)]
    [TestCase("B-PER I-PER", "I-PER I-PER", 1, 1, 1, 50.00, 100.00, 100.00, 100.00)]
    [TestCase("B-PER B-PER", "B-PER I-PER", 2, 1, 0, 50.00, 0.00, 0.00, 0.00)]
    [TestCase("I-PER I-PER O I-LOC", "B-PER I-PER O B-LOC", 2, 2, 2, 50.00, 100.00, 100.00, 100.00)]
    [TestCase("B-PER I-LOC", "B-PER B-LOC", 2, 2, 2, 50.00, 100.00, 100.00, 100.00)]
    [TestCase("B-PER I-LOC O", "B-PER I-PER O", 2, 1, 0, 66.67, 0.00, 0.00, 0.00)]
    [TestCase("O I-ORG B-ORG I-ORG I-LOC", "I-ORG I-ORG B-ORG I-ORG I-LOC", 3, 3, 2, 80.00, 66.67, 66.67, 66.67)]
    [TestCase("B-PER I-PER|I-PER O", "B-PER I-PER|I-PER I-PER", 2, 2, 1, 75.00, 50.00, 50.00, 50.00)]
    [TestCase("B-LOC|B-LOC", "B-LOC|I-LOC", 2, 2, 2, 50.00, 100.00, 100.00, 100.00)]
    [TestCase("B-creative-work I-creative-work O B-creative I-creative", "B-creative-work I-creative O B-creative I-creative", 2, 3, 1, 80.00, 33.33, 50.00, 40.00)]
    [TestCase("B-PER I-PER I-PER O B-LOC O B-ORG I-ORG|O B-PER O", "B-PER I-PER O O B-LOC O B-ORG I-LOC|B-PER I-PER O", 4, 5, 1, 63.64, 20.00, 25.00, 22.22)]
    [TestCase("B-PER", "B-LOC", 1, 1, 0, 0.00, 0.00, 0.00, 0.00)]
    [TestCase("O S-PER O B-ORG I-ORG E-ORG", "O S-PER O B-ORG E-ORG O", 2, 2, 1, 66.67, 50.00, 50.00, 50.00)]
    [TestCase("B-PER E-PER S-LOC B-ORG E-ORG|S-PER", "B-PER E-PER O B-ORG E-ORG|S-LOC", 4, 3, 2, 66.67, 66.67, 50.00, 57.14)]
    public void TheNumbersAreThoseOfConlleval(string expected, string answered, int spans, int found, int correct, double accuracy, double precision, double recall, double f1)
    {
        var scores = new SpanScores();
        foreach (var (right, said) in expected.Split('|').Zip(answered.Split('|')))
        {
            scores.Add(right.Split(' '), said.Split(' '));
        }
        Assert.That(Counts(scores), Is.EqualTo((spans, found, correct)));
        Assert.That(Percent(scores), Is.EqualTo(new[] { f1, precision, recall, accuracy }));
    }

    /// <summary>Every seventh word of a real test set is answered with the tag of the word before it; the numbers are what conlleval printed for that.</summary>
    [Test]
    public void OnARealTestSetTheNumbersAreThoseOfConlleval()
    {
        var scores = new SpanScores();
        var number = 0;
        foreach (var (_, row) in Corpus.OpenTagged(new() { Paths = [SharedData.Find("ner/wnut17/en.test.conll")] }).Read())
        {
            scores.Add(row.Tags, [.. row.Tags.Select((tag, i) => number++ % 7 == 0 && i > 0 ? row.Tags[i - 1] : tag)]);
        }
        Assert.That(Counts(scores), Is.EqualTo((1079, 1112, 829)));
        Assert.That(Percent(scores), Is.EqualTo(new[] { 75.67, 74.55, 76.83, 98.57 }));
    }

    [Test]
    public void AnySequencesCountAsTheirSetsOfSpans([Range(1, 9)] int words)
    {
        var random = new Random(words);
        string[] tags = ["O", "B-x", "I-x", "B-y", "I-y"];
        for (var trial = 0; trial < 300; trial++)
        {
            var (expected, answered) = (random.GetItems(tags, words), random.GetItems(tags, words));
            var scores = new SpanScores();
            scores.Add(expected, answered);
            var (right, said) = (ObviousSpans(expected).ToHashSet(), ObviousSpans(answered).ToHashSet());
            Assert.That(Counts(scores), Is.EqualTo((right.Count, said.Count, right.Intersect(said).Count())), $"{string.Join(' ', expected)} / {string.Join(' ', answered)}");
        }
    }

    [Test]
    public void TheSameSpansCountTheSameInBothSchemes([Range(1, 9)] int words)
    {
        var random = new Random(words);
        for (var trial = 0; trial < 300; trial++)
        {
            var (expected, answered) = (RandomSpans(words, random), RandomSpans(words, random));
            foreach (var bioes in (bool[])[false, true])
            {
                var scores = new SpanScores();
                scores.Add(Write(expected, words, bioes), Write(answered, words, bioes));
                Assert.That(Counts(scores), Is.EqualTo((expected.Count, answered.Count, expected.Intersect(answered).Count())), string.Join(' ', Write(expected, words, bioes)));
            }
        }
    }

    [Test]
    public void AnswersThatAreNotTagsAreRefused()
    {
        Assert.That(() => new SpanScores().Add(["O", "O"], ["O"]), Throws.ArgumentException.With.Message.Contains("1 tags were answered for 2 words"));
        using var none = TorchSharp.torch.zeros(1, 1);
        Assert.That(() => new SpanScores().Add(new Answer(none, none)), Throws.ArgumentException.With.Message.Contains("TaggingAnswer"));
    }

    static (long, long, long) Counts(SpanScores scores) => (scores.Expected, scores.Found, scores.Correct);

    static double[] Percent(SpanScores scores) => [.. scores.Measures.Select(measure => Math.Round(100 * measure.Value, 2))];

    /// <summary>Each pair of words, whether it is the first and last of a span.</summary>
    static IEnumerable<(int, int, string)> ObviousSpans(string[] tags) =>
        from first in Enumerable.Range(0, tags.Length)
        from last in Enumerable.Range(first, tags.Length - first)
        let type = tags[first][1..]
        where tags[first] != "O" && (tags[first][0] == 'B' || first == 0 || tags[first - 1][1..] != type)
        where tags[(first + 1)..(last + 1)].All(tag => tag == $"I{type}") && (last + 1 == tags.Length || tags[last + 1] != $"I{type}")
        select (first, last, type);

    static HashSet<(int First, int Last, string Type)> RandomSpans(int words, Random random)
    {
        var spans = new HashSet<(int, int, string)>();
        for (var word = 0; word < words;)
        {
            var length = random.Next(1, Math.Min(4, words - word + 1));
            if (random.Next(3) > 0)
            {
                spans.Add((word, word + length - 1, random.Next(2) == 0 ? "x" : "y"));
            }
            word += length;
        }
        return spans;
    }

    static string[] Write(IEnumerable<(int First, int Last, string Type)> spans, int words, bool bioes)
    {
        var tags = Enumerable.Repeat("O", words).ToArray();
        foreach (var (first, last, type) in spans)
        {
            Array.Fill(tags, $"I-{type}", first, last - first + 1);
            tags[last] = bioes ? $"E-{type}" : tags[last];
            tags[first] = bioes && first == last ? $"S-{type}" : $"B-{type}";
        }
        return tags;
    }
}
