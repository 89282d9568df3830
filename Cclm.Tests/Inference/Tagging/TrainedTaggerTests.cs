using Cclm.Inference;
using Cclm.Training;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>From training to spans in a caller's text.</summary>
public sealed class TrainedTaggerTests
{
    TrainedTagger tagger = null!;
    CclmModel model = null!;

    [OneTimeSetUp]
    public void Train()
    {
        tagger = new();
        model = CclmModel.Load(tagger.Bytes());
    }

    [OneTimeTearDown]
    public void Dispose()
    {
        model.Dispose();
        tagger.Dispose();
    }

    [Test]
    public void ItAnswersAsTrainingMeasuredIt()
    {
        var (unseen, scores) = (TrainedTagger.Sentences(200, seed: 2), new SpanScores());
        var answered = model.TagWords([.. unseen.Select(sentence => sentence.Words)]);
        foreach (var (sentence, tagged) in unseen.Zip(answered))
        {
            Assert.That(tagged.Tags, Is.EqualTo(tagger.Answer(sentence.Words)), sentence.Text);
            scores.Add(sentence.Tags, tagged.Tags);
        }
        Assert.That(scores.Measures.Select(measure => measure.Value), Is.EqualTo(tagger.Pretrainer.Evaluate(unseen).Measures.Select(measure => measure.Value)));
        Assert.That(scores.Measures[0].Value, Is.GreaterThan(0.95), "F1");
    }

    [TestCase("Bakolu Demi found the report in Tasuno.", "PER Bakolu Demi|LOC Tasuno")]
    [TestCase("in Fogi,   Rulen's\r\nold books lay .", "LOC Fogi|PER Rulen")]
    [TestCase("nothing of Zavi\tMopasu.", "PER Zavi\tMopasu")]
    [TestCase("the last train of nothing .", "")]
    public void NamesAreFoundWhereTheyStand(string text, string names)
    {
        var found = model.Tag(text);
        Assert.That(string.Join('|', found.Select(span => $"{span.Label} {span.Text}")), Is.EqualTo(names));
        Assert.That(found, Is.All.Matches<TaggedSpan>(span => text.Substring(span.Start, span.Length) == span.Text && span.Score is > 0.5f and <= 1));
    }

    /// <summary>Sentences one after the other have the names that each of them has; the model reads 63 characters at once.</summary>
    [Test]
    public async Task NamesOfLongTextsAreFoundInPieces()
    {
        using var chunks = CclmModel.Load(tagger.Bytes(), new() { LongText = LongText.Chunk });
        var sentences = TrainedTagger.Sentences(40, seed: 3);
        var text = string.Join('\n', sentences.Select(sentence => sentence.Text));
        var expected = new List<(string, int, int)>();
        var start = 0;
        foreach (var sentence in sentences)
        {
            expected.AddRange(model.Tag(sentence.Text).Select(span => (span.Label, start + span.Start, span.Length)));
            start += sentence.Text.Length + 1;
        }
        var found = await chunks.TagAsync(text);
        Assert.That(found.Select(span => (span.Label, span.Start, span.Length)).Intersect(expected).Count(), Is.GreaterThan(0.9 * expected.Count));
        Assert.That(found.Select(span => text.Substring(span.Start, span.Length)), Is.EqualTo(found.Select(span => span.Text)));
        Assert.That(model.Tag(text).Max(span => span.Start), Is.LessThan(63));
    }

    [Test]
    public async Task ATextsTagsDoNotDependOnItsBatch()
    {
        string[] texts = [.. TrainedTagger.Sentences(100, seed: 4).Select(sentence => sentence.Text)];
        IReadOnlyList<TaggedSpan>[] alone = [.. texts.Select(text => model.Tag(text))];
        Check(model.Tag(texts));
        Check(await model.TagAsync(texts));
        Check(await Task.WhenAll(texts.Select(text => model.TagAsync(text))));

        void Check(IReadOnlyList<TaggedSpan>[] together)
        {
            Assert.That(together.Select(spans => spans.Select(span => span with { Score = 0 })), Is.EqualTo(alone.Select(spans => spans.Select(span => span with { Score = 0 }))));
            Assert.That(together.SelectMany(spans => spans.Select(span => span.Score)), Is.EqualTo(alone.SelectMany(spans => spans.Select(span => span.Score))).Within(1e-5f));
        }
    }
}
