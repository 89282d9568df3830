using System.Text.Json;
using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Costs that were computed by hand, at odd sizes.</summary>
[Parallelizable]
public sealed class ModelCostTests
{
    /// <summary>A convolution and two products, one of them only of weights; x stays, and so does y.</summary>
    static ModelProto Model()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "B", "T", "6");
        var turned = graph.Op("Transpose", [x], ("perm", (long[])[0, 2, 1]));                                                                           // [B,6,T]
        var convolved = graph.Op("Conv", [turned, graph.Initializer("conv.weight", new float[4 * 3 * 3], 4, 3, 3)], ("pads", (long[])[1, 1]), ("group", 2));     // [B,4,T]
        var table = graph.Op("MatMul", [graph.Initializer("a.weight", new float[5 * 2], 5, 2), graph.Initializer("b.weight", new float[2 * 4], 2, 4)]);         // [5,4]
        graph.Output("y", graph.Op("MatMul", [table, convolved]), "B", "5", "T");
        return graph.ToModel();
    }

    [TestCase(3, 7)]
    [TestCase(1, 1)]
    [TestCase(5, 13)]
    public void WorkAndMemoryAreThoseOfTheNodesThatDependOnTheInputs(long b, long t)
    {
        var cost = ModelCost.Of(Model(), b, t);
        Assert.Multiple(() =>
        {
            Assert.That(cost.Sizes, Is.EqualTo(new Dictionary<string, long> { ["B"] = b, ["T"] = t }));
            Assert.That(cost.All.MultiplyAdds, Is.EqualTo((b * 4 * t * 3 * 3) + (b * 5 * t * 4)));
            Assert.That(cost.All.GigaFlop, Is.EqualTo(2 * cost.All.MultiplyAdds / 1e9));
            Assert.That(cost.All.WeightBytes, Is.EqualTo(4 * (36 + 10 + 8)));
            Assert.That(cost.All.ActivationBytes, Is.EqualTo(4 * b * t * (6 + 6 + 4)), "While the convolution runs: x, what it reads, what it makes.");
            Assert.That((cost.Parts.Count, cost.UnknownEdges), Is.EqualTo((0, 0)));
        });
    }

    [Test]
    public void AComposedModelIsCountedPartByPart()
    {
        var embedder = TinyParts.Embedder();
        var model = Composer.Compose(embedder, [("a", TinyParts.Tower(embedder, 3)), ("ab", TinyParts.Tower(embedder, 4, seed: 3))], new() { Pooling = new(Pooling.Mean) });
        const long B = 3, T = 7;
        var cost = ModelCost.Of(model, B, T);
        Assert.Multiple(() =>
        {
            Assert.That(cost.Parts.Select(part => (part.Name, part.MultiplyAdds, part.WeightBytes)), Is.EqualTo(((string, long, long)[])
                [("embedder", 0, 280), ("towers.a", B * T * 5 * 3, 60), ("towers.ab", B * T * 5 * 4, 80), ("rest", 0, 0)]));
            Assert.That(cost.Parts[0].ActivationBytes, Is.EqualTo(B * T * 2 * 4 * 5), "While hidden is copied to its name.");
            Assert.That(cost.All.MultiplyAdds, Is.EqualTo(B * T * 5 * 7));
            Assert.That(cost.All.ActivationBytes, Is.GreaterThan(cost.Parts.Max(part => part.ActivationBytes)).And.LessThanOrEqualTo(cost.Parts.Sum(part => part.ActivationBytes)));
            Assert.That(cost.UnknownEdges, Is.Zero);
            Assert.That(ModelCost.Of(TextInput.Prepend(model), B, T).All.MultiplyAdds, Is.EqualTo(cost.All.MultiplyAdds));
            Assert.That(ModelCost.Of(model, B).UnknownEdges, Is.GreaterThan(0));
        });
        var summary = ModelSummary.Of(model) with { Cost = cost };
        Assert.That(summary.ToMarkdown(), Does.Contain("| at B=3, T=7 | GFLOP |").And.Contain("| towers.ab | 8.4E-07 | 80 |"));
        using var json = JsonDocument.Parse(summary.ToJson());
        Assert.That(json.RootElement.GetProperty("cost").GetProperty("all").GetProperty("multiplyAdds").GetInt64(), Is.EqualTo(735));
        Assert.That(JsonDocument.Parse(ModelSummary.Of(model).ToJson()).RootElement.TryGetProperty("cost", out _), Is.False);
    }

    /// <summary>Products in 8 bits are as many; the weights that they replace are gone, and those that only hold weights in 8 bits unpack them once.</summary>
    [TestCase("int8")]
    [TestCase("int8-weights")]
    [TestCase("float16")]
    public void FewerBitsAreTheSameWorkInLessMemory(string precision)
    {
        var model = Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], new() { Pooling = new(Pooling.Mean) });
        var (before, after) = (ModelCost.Of(model, 3, 7).All, ModelCost.Of(Quantizer.Convert(model, new(PrecisionNames.Words[precision]) { SmallestWeight = 1 }), 3, 7).All);
        Assert.That(after.MultiplyAdds, Is.EqualTo(before.MultiplyAdds));
        Assert.That(after.WeightBytes, Is.LessThan(before.WeightBytes));
    }

    [TestCase(new long[] { 3, 7, 5 }, "3x7x5 found; expected up to 2 numbers from 1 on, for the model's dimensions B, T")]
    [TestCase(new long[] { 3, 0 }, "3x0 found")]
    public void SizesThatDoNotFitAreRefused(long[] sizes, string words) =>
        Assert.That(() => ModelCost.Of(Model(), sizes), Throws.ArgumentException.With.Message.Contains(words));

    [Test]
    public void AModelThatCanNotRunAtASizeIsRefused()
    {
        var graph = new OnnxGraph("g");
        graph.Output("y", graph.Op("Reshape", [graph.Input("x", DataType.Float, "B", "T"), graph.Constant(0, -1, 4)]), "B", "G", "4");
        Assert.That(() => ModelCost.Of(graph.ToModel(), 3, 7), Throws.InstanceOf<OnnxModelException>().With.Message.Contains("a multiple of 4"));
        Assert.That(ModelCost.Of(graph.ToModel(), 3, 8).UnknownEdges, Is.Zero);
        Assert.That(ModelCost.Of(graph.ToModel(), long.MaxValue, 8).UnknownEdges, Is.GreaterThan(0), "Too large to count.");
    }
}
