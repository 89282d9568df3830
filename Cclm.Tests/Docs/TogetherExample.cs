using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/tasks.md: its code.</summary>
[Parallelizable]
public sealed class TogetherExample : TorchFixture
{
    static readonly string[] Topics = ["sport", "world", "science"];

    [Test]
    public void SeveralTasksAreTrainedTogether()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"the {Topics[i % 3]} text {i}")];
        LabelledText[] labelled = [.. texts.Select((text, i) => new LabelledText(Topics[i % 3], text))];
        var preprocessor = new Preprocessor(Vocabulary.Fit(texts), new() { MaxLength = 24 });
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = 24, Blocks = 1, Filters = 8, GlobalFilters = 2 });
        using var characters = new CharacterMaskPretrainer("characters", preprocessor, embedder, new TransformerTower(embedder, new() { Layers = 1, FeedForward = 8 }));
        using var topics = new CategoricalPretrainer("topics", preprocessor, embedder, new TransformerTower(embedder, new() { Layers = 1, FeedForward = 8 }), Topics);
        var before = embedder.WeightsHash();
        #region together
        MultiTask.Train(
            [characters.On(RowSource.Of(texts), weight: 2), topics.On(RowSource.Of(labelled))],
            new() { Steps = 1000 });
        #endregion
        Assert.That(embedder.WeightsHash(), Is.Not.EqualTo(before));
        Assert.That(topics.Evaluate(labelled)["accuracy"], Is.GreaterThan(0.5));
    }
}
