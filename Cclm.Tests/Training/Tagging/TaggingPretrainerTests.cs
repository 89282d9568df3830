using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

[Parallelizable]
public sealed class TaggingPretrainerTests : TorchFixture
{
    const string Emoji = "👩‍💻", Combined = "e\u0301a\u0308", Arabic = "القاهرة";

    static readonly TagSet Tags = new(["x"], TagScheme.Bio);

    /// <summary>A word is as many characters as it has Unicode scalar values.</summary>
    [TestCase(new[] { "ab", "c" }, new[] { 2, 1 }, "11.2")]
    [TestCase(new[] { Emoji, Combined }, new[] { 3, 4 }, "111.2222")]
    [TestCase(new[] { Arabic, "b", Arabic }, new[] { 7, 1, 7 }, "1111111.2.2222222")]
    [TestCase(new[] { "New York", "\u00a0", "." }, new[] { 8, 1, 1 }, "11111111.2.2")]
    public void WordsAreCarriedToTheirCharacters(string[] words, int[] lengths, string targets)
    {
        var example = TaggedExample.Of(words, [1, .. Enumerable.Repeat(2, words.Length - 1)], SmallParts.Preprocessor);
        Assert.That(example.Lengths, Is.EqualTo(lengths));
        Assert.That(Write(example.Targets), Is.EqualTo($"{targets}."), "CLS is asked nothing");
        Assert.That(example.Ids, Has.Length.EqualTo(example.Targets.Length));
    }

    [Test]
    public void SurrogatesThatStandAloneAreCharacters() =>
        Assert.That(TaggedExample.Of(["x\ud83d", "\ude00"], [1, 2], SmallParts.Preprocessor) is { Lengths: [2, 1] } example ? Write(example.Targets) : "", Is.EqualTo("11.2."));

    [TestCase(9, true, 1, new[] { 3, 3, 0 }, "111.222..")]
    [TestCase(8, true, 1, new[] { 3, 3, 0 }, "111.222.")]
    [TestCase(7, true, 1, new[] { 3, 2, 0 }, "111.22.")]
    [TestCase(5, true, 1, new[] { 3, 0, 0 }, "111..")]
    [TestCase(2, true, 1, new[] { 1, 0, 0 }, "1.")]
    [TestCase(9, false, 1, new[] { 3, 3, 1 }, "111.222.2")]
    [TestCase(11, false, 4, new[] { 3, 3, 0 }, "111.222.")]
    [TestCase(40, true, 8, new[] { 3, 3, 3 }, "111.222.222.....")]
    public void WordsBeyondTheMaximumLengthAreAskedNothing(int maxLength, bool cls, int factor, int[] lengths, string targets)
    {
        var preprocessor = new Preprocessor(SmallParts.Preprocessor.Vocabulary, new() { MaxLength = maxLength, AddCls = cls, DownsampleFactor = factor });
        var example = TaggedExample.Of(["abc", Emoji, "def"], [1, 2, 2], preprocessor);
        Assert.That((example.Lengths, Write(example.Targets)), Is.EqualTo((lengths, targets)));
    }

    /// <summary>Scores that say what a sentence's characters were asked for are decoded to its words' tags, whatever stands beside it in the batch.</summary>
    [Test]
    public void CharactersAreCarriedBackToWords()
    {
        using var scope = NewDisposeScope();
        string[][] sentences = [["ab", Emoji, "c"], [Arabic], [Combined, "b", "the", "quick", "brown", "fox", "jumps", "over", "that", "dog"]];
        int[][] classes = [[0, 1, 2], [1], [1, 1, 2, 0, 0, 1, 2, 2, 2, 1]];
        TaggedExample[] examples = [.. sentences.Zip(classes, (words, tags) => TaggedExample.Of(words, tags, SmallParts.Preprocessor))];
        var expected = tensor(examples.SelectMany(example => example.Targets).Where(target => target != Batch.NoTarget).ToArray());
        var answer = new TaggingAnswer(nn.functional.one_hot(expected, 3).to(ScalarType.Float32), expected, examples, Tags);
        Assert.That(examples[2].Lengths[^2..], Is.EqualTo(new[] { 1, 0 }), "two words are cut");
        Assert.That(answer.Decode(), Is.EqualTo(new[] { classes[0], classes[1], [1, 1, 2, 0, 0, 1, 2, 2, 2, 0] }));
    }

    [Test]
    public void AWordsCharactersHaveOneSayTogether()
    {
        using var scope = NewDisposeScope();
        var example = TaggedExample.Of(["abc"], [1], SmallParts.Preprocessor);
        Tensor Logits(float sure) => tensor(new float[,] { { sure, 0, -9 }, { 0, 1, -9 }, { 0, 1, -9 } });
        int[] Decode(float sure) => new TaggingAnswer(Logits(sure), tensor(new long[] { 1, 1, 1 }), [example], Tags).Decode()[0];
        Assert.That((Decode(1.9f)[0], Decode(2.1f)[0]), Is.EqualTo((1, 0)), "the mean of the log-probabilities decides, not the number of characters");
    }

    [Test]
    public void WordsBeyondTheMaximumLengthAreCountedAndAnsweredO()
    {
        TaggedSentence sentence = new([.. Enumerable.Repeat("abcdefgh", 7)], [.. Enumerable.Repeat("B-x", 7)]);     // 4 words and 3 characters are read
        using var run = new Run(Tags);
        run.Pretrainer.Train([sentence], new() { Steps = 60, BatchSize = 1, LearningRate = 5e-3 });
        var measured = run.Pretrainer.Evaluate([sentence]);
        Assert.That((measured["recall"], measured["precision"], measured["accuracy"]), Is.EqualTo((5 / 7.0, 1.0, 5 / 7.0)));
        Assert.That(measured.Count, Is.EqualTo(35), "characters of words");
        var sample = run.Pretrainer.Samples([sentence])[0];
        Assert.That((sample.Read, sample.Answered), Is.EqualTo((sentence.Text, $"{string.Join(' ', Enumerable.Repeat("abcdefgh/B-x", 5))} abcdefgh abcdefgh")));
    }

    [TestCase(TagScheme.Bio)]
    [TestCase(TagScheme.Bioes)]
    public void WhateverAModelAnswersIsOfTheScheme(TagScheme scheme)
    {
        var tags = new TagSet(["x", "y"], scheme);
        using var run = new Run(tags);
        using var scope = NewDisposeScope();
        var chance = new Random(1);
        string[][] sentences = [.. Enumerable.Range(1, 40).Select(words => Enumerable.Range(0, words).Select(_ => SmallParts.Text(chance.Next(1, 4), chance)).ToArray())];
        var examples = sentences.Select(words => TaggedExample.Of(words, new int[words.Length], SmallParts.Preprocessor)).ToList();
        var answer = (TaggingAnswer)run.Pretrainer.AnswerTo(Batch.Of(examples));
        foreach (var (words, decoded) in sentences.Zip(answer.Decode()))
        {
            Assert.That(() => tags.ClassesOf(new(words, [.. decoded.Select(tag => tags.Names[tag])])), Is.EqualTo(decoded));
        }
    }

    [Test]
    public void NoiseStaysInItsWord()
    {
        using var run = new Run(Tags, (word, random) => word == "b" ? "" : $"{word} {word}");
        TaggedSentence sentence = new(["aa", "b", "c"], ["B-x", "O", "B-x"]);
        var noisy = (TaggedExample)run.Pretrainer.Example(sentence, new Random(1));
        Assert.That((noisy.Lengths, Write(noisy.Targets)), Is.EqualTo((new[] { 5, 1, 3 }, "11111.0.111.")));
        Assert.That(run.Pretrainer.Samples([sentence])[0].Read, Is.EqualTo("aa b c"));
    }

    [TestCase("O B-y", "'B-y'")]
    [TestCase("O I-x", "can not follow")]
    public void HeldOutDataIsCheckedBeforeTraining(string tags, string message)
    {
        using var run = new Run(Tags);
        TaggedSentence good = new(["a", "b"], ["O", "B-x"]), bad = new(["a", "b"], tags.Split(' '));
        Assert.That(() => run.Pretrainer.Train([bad], new() { Steps = 1 }), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(() => run.Pretrainer.Train([good], new() { Steps = 1 }, heldOut: [bad]), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(() => run.Pretrainer.Evaluate([bad]), Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void RealEntitiesAreLearned()
    {
        var rows = Corpus.OpenTagged(new() { Paths = [SharedData.Find("ner/wikiann/en.train.conll")] }).Read().Select(row => row.Row).Where(row => row.Text.Length < 60).Take(1500).ToList();
        var (train, heldOut) = Corpus.Split(rows, row => row.Text, 100);
        random.manual_seed(1);
        var preprocessor = new Preprocessor(Vocabulary.Fit(train.Select(row => row.Text), new() { MinCount = 2 }), new() { MaxLength = 60 });
        using var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = 60, CharacterWidth = 24, Blocks = 2, Filters = 48, GlobalFilters = 16 });
        using var tower = new TransformerTower(embedder, new() { Layers = 1, Heads = 4, FeedForward = 96 });
        using var pretrainer = new TaggingPretrainer("t", preprocessor, embedder, tower, TagSet.Of(rows));
        pretrainer.Train(train, new() { Steps = 500, BatchSize = 16, LearningRate = 3e-3 });
        var measured = pretrainer.Evaluate(heldOut);
        TestContext.Out.WriteLine(measured);
        Assert.That(measured["F1"], Is.GreaterThan(0.2), "O alone is 0");
    }

    static string Write(long[] targets) => string.Concat(targets.Select(target => target == Batch.NoTarget ? "." : $"{target}"));

    sealed class Run : IDisposable
    {
        readonly ConvEmbedder embedder = SmallParts.Embedder();

        public Run(TagSet tags, Augmentor? augmentor = null) => Pretrainer = new("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), tags, augmentor);

        public TaggingPretrainer Pretrainer { get; }

        public void Dispose()
        {
            Pretrainer.Dispose();
            Pretrainer.Tower.Dispose();
            embedder.Dispose();
        }
    }
}
