using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>What a masked language model masks, and what its cheaper losses are worth.</summary>
[Parallelizable]
public sealed class MaskedLanguageTests : TorchFixture
{
    static readonly string[] Texts = ["pack my box with five dozen liquor jugs", "the quick brown fox", "Naïve cafés, naïve owners", "the five quick cafés"];
    static readonly SubwordTokenizer Pieces = SubwordTokenizer.Fit(Texts, new() { VocabularySize = 80, MinCount = 1 });
    static readonly Preprocessor Preprocessor = new(Vocabulary.Fit(Texts), new() { MaxLength = 24 });

    [Test]
    public void TheCharactersOfOnePieceAreMaskedAndNoOthers()
    {
        var (embedder, tower) = Parts();
        using var pretrainer = new MaskedLanguagePretrainer("t", Preprocessor, embedder, tower, Pieces, new() { Width = 6 });
        foreach (var (text, seed) in Texts.SelectMany(text => Enumerable.Range(0, 20).Select(seed => (text, seed))))
        {
            var example = pretrainer.Example(text, new Random(seed));
            var (piece, start, end) = ((int)example.Targets[0], (int)example.Targets[1], (int)example.Targets[2]);
            var original = Preprocessor.Encode([text]).Ids;
            Assert.That(end, Is.LessThanOrEqualTo(original.Length));
            Assert.That(example.Ids.Select((id, i) => id == Vocabulary.Mask ? i : -1).Where(i => i >= 0), Is.EqualTo(Enumerable.Range(start, end - start)), text);
            Assert.That(example.Ids.Where((_, i) => i < start || i >= end), Is.EqualTo(original.Where((_, i) => i < start || i >= end)), text);
            var masked = Preprocessor.Decode(original.AsSpan(start, end - start));
            Assert.That(SubwordTokenizer.FromJson(Pieces.ToJson()).Encode(text).Select(subword => subword.Id), Does.Contain(piece));
            Assert.That((masked.Length, Pieces.Vocabulary[piece].Length), Is.EqualTo((end - start, end - start)), $"'{masked}' is the piece '{Pieces.Vocabulary[piece]}'.");
        }
    }

    [Test]
    public void ATextWithoutAPieceAsksForNothing()
    {
        var (embedder, tower) = Parts();
        using var pretrainer = new MaskedLanguagePretrainer("t", Preprocessor, embedder, tower, Pieces, new() { Width = 6 });
        Assert.That(pretrainer.Example("a b", new Random(1)).Targets, Is.EqualTo(new[] { Batch.NoTarget, 0, 0 }));
        Assert.That(pretrainer.Samples(["a b"]).Single().Expected, Does.Contain("nothing is asked"));
    }

    /// <summary>The mean of what drawn candidates estimate is the full softmax's denominator: each is drawn as often as its correction says.</summary>
    [TestCase(4)]
    [TestCase(32)]
    public void SampledAndFullSoftmaxAgreeInExpectation(int candidates)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        using var head = new SubwordHead(7, 6, 50);
        var vectors = head.call(randn(3, 7));
        var expected = head.AllLogits(vectors).exp().sum(1).data<float>().ToArray();
        Assert.That(head.LogUniform.sum().item<float>(), Is.EqualTo(1).Within(1e-5));
        const int Draws = 20_000;
        var sum = zeros(3);
        for (var draw = 0; draw < Draws; draw++)
        {
            using var inner = NewDisposeScope();
            var drawn = head.LogUniform.multinomial(candidates, replacement: true);
            var corrected = head.LogitsOf(vectors, drawn).sub(head.LogUniform[drawn].mul(Scalars.Kept(candidates)).log());
            sum.add_(corrected.exp().sum(1), Scalars.One);
        }
        var estimated = sum.div(Scalars.Kept(Draws)).data<float>().ToArray();
        Assert.That(estimated.Zip(expected, (a, b) => a / b), Has.All.EqualTo(1).Within(0.02));
    }

    [Test]
    public void LogitsOfSomeAreThoseAmongAll()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        using var head = new SubwordHead(7, 6, 50);
        var (vectors, pieces) = (head.call(randn(3, 7)), tensor(new long[] { 4, 49, 0 }));
        var all = head.AllLogits(vectors);
        Assert.That(head.LogitsOf(vectors, pieces).sub(all.index_select(1, pieces)).abs().max().item<float>(), Is.LessThan(1e-6));
        Assert.That(head.Logits(vectors, pieces).sub(all.gather(1, pieces.unsqueeze(1)).squeeze(1)).abs().max().item<float>(), Is.LessThan(1e-6));
    }

    [Test]
    public void TheTokenizerLiesBesideTheHead()
    {
        using var temp = new TempFolder();
        var (embedder, tower) = Parts();
        using var pretrainer = new MaskedLanguagePretrainer("t", Preprocessor, embedder, tower, Pieces, new() { Width = 6 });
        var folder = new ModelFolder(temp.Path, new PartTypes());
        pretrainer.Save(folder);
        Assert.That(SubwordTokenizer.Load(folder.TokenizerFile("t")).Hash, Is.EqualTo(Pieces.Hash));
        using var other = new MaskedLanguagePretrainer("t", Preprocessor, embedder, tower, SubwordTokenizer.Fit(Texts, new() { VocabularySize = 60, MinCount = 1 }), new() { Width = 6 });
        Assert.That(() => other.Load(folder), Throws.TypeOf<InvalidDataException>().With.Message.Contains("word pieces"));
    }

    static (Embedder, Tower) Parts()
    {
        var embedder = new ConvEmbedder(SmallParts.EmbedderOptions with { Vocabulary = Preprocessor.Vocabulary.Count, MaxLength = 24 });
        return (embedder, new StridedTower(embedder, new() { Heads = 5, FeedForward = 8, Layers = 1 }));
    }
}
