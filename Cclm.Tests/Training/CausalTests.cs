using Cclm.Export;
using Cclm.Tests.Export;
using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>A causal model says nothing of what comes after a position, neither while it trains nor in the graph.</summary>
[Parallelizable]
public sealed class CausalTests : TorchFixture
{
    const int Length = 19;

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(Length - 1)]
    public void NoGradientComesFromWhatFollows(int position)
    {
        using var scope = NewDisposeScope();
        var embedder = SmallParts.CausalEmbedder();
        using var model = new ComposedModel(embedder, ("t", SmallParts.CausalTower(embedder)));
        model.eval();
        // One position's own embedding is the only way from its id to the rest of the model: each position has an id of its own.
        var ids = tensor(Enumerable.Range(4, Length).Select(id => (long)id).ToArray()).view(1, -1);
        ((Value.Torch)model.forward(new Value.Torch(ids))).Tensor[0, position].abs().sum().backward();
        var gradients = model.named_parameters().First(weight => weight.name.EndsWith("characters.weight", StringComparison.Ordinal)).parameter.grad!;
        var reached = gradients.abs().sum(1).narrow(0, 4, Length).data<float>().ToArray();
        Assert.That(reached[..(position + 1)], Has.All.GreaterThan(0));
        Assert.That(reached[(position + 1)..], Has.All.EqualTo(0));
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(Length - 1)]
    public void NothingThatFollowsChangesTheExportedGraph(int changed)
    {
        var embedder = new ConvEmbedder(SmallParts.EmbedderOptions with { Causal = true, NGrams = [2, 3], NGramBuckets = 101 });
        var graph = Composer.Compose(ModelExporter.Export(embedder, SmallParts.Preprocessor), [("t", ModelExporter.Export(SmallParts.CausalTower(embedder), embedder, SmallParts.Preprocessor))]);
        long[] ids = [.. Enumerable.Range(4, Length)], others = [.. ids.Select((id, i) => i < changed ? id : id + 5)];
        var (before, after) = (Run(graph, ids), Run(graph, others));
        var width = before.Length / Length;
        Assert.That(after[..(changed * width)], Is.EqualTo(before[..(changed * width)]));
        Assert.That(after[(changed * width)..], Is.Not.EqualTo(before[(changed * width)..]));
    }

    [Test]
    public void BitsPerCharacterAreThoseOfTheNextOne()
    {
        using var scope = NewDisposeScope();
        var metric = new BitsPerCharacter();
        var logits = tensor(new float[] { 0, 0, 0, 0, 9, 0, 0, 0, (float)Math.Log(5), 0, 0, 0 }).view(3, 4);
        metric.Add(new CausalAnswer(logits, tensor(new long[] { 1, 3, 0 }), tensor(new bool[] { true, false, true })));
        // A uniform guess among four is 2 bits; 5 of 8 is log2(8/5).
        Assert.That(metric.Measures[0].Value, Is.EqualTo((2 + Math.Log2(8.0 / 5)) / 2).Within(1e-6));
        Assert.That(metric.Measures[1].Value, Is.EqualTo(0.5), "The first of equals is told, and it is wrong.");
    }

    static float[] Run(Onnx.ModelProto graph, long[] ids) => OnnxRun.Run<float>(graph, "hidden", OnnxRun.Tensor("ids", ids, 1, ids.Length)).Item1;
}
