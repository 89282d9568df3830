using Cclm.Export;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

[Parallelizable]
public sealed class ReplaceTests
{
    static readonly (string, Microsoft.ML.OnnxRuntime.OrtValue) Ids = OnnxRun.Tensor("ids", [4L, 7, 3, 0, 9, 3], 2, 3);
    static readonly (string, Microsoft.ML.OnnxRuntime.OrtValue) Texts = OnnxRun.Texts("text", "ab", "");

    static IEnumerable<TestCaseData> All() => Compositions.All();

    /// <summary>Each tower is replaced by one of other weights, wider where no head reads it.</summary>
    [TestCaseSource(nameof(All))]
    public void EveryOtherSliceStaysAsItIs(Decomposition parts)
    {
        var composed = parts.Compose();
        var input = parts.TextIn ? Texts : Ids;
        foreach (var (name, model) in parts.Towers)
        {
            var (reads, width) = (model.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimValue, model.Graph.Output.Single(output => output.Name == "hidden").Type.TensorType.Shape.Dim[2].DimValue);
            var newer = TinyParts.Tower(parts.Embedder, (int)width + (parts.Options.Heads.Count > 0 ? 0 : 2), seed: 11, reads: (int)reads);
            ModelProperties.Write(newer, [new("cclm.embedder", TinyParts.Metadata(parts.Embedder).Weights)]);
            var replaced = Decomposer.Replace(composed, name, newer, allowOtherEmbedder: parts.Options.Heads.Count > 0);
            Assert.That(TinyParts.Metadata(replaced).Parts.Select(part => part.Path), Is.EqualTo(TinyParts.Metadata(composed).Parts.Select(part => part.Path)));
            Assert.That(Decomposer.Decompose(replaced).Towers.Single(tower => tower.Name == name).Model, Is.EqualTo(newer));
            foreach (var other in parts.Towers.Where(tower => tower.Name != name))
            {
                Assert.That(Slice(replaced, "hidden", part => part.Hidden, other.Name, input), Is.EqualTo(Slice(composed, "hidden", part => part.Hidden, other.Name, input)), $"{name}, {other.Name}");
                if (parts.Options.Pooling is not null)
                {
                    Assert.That(Slice(replaced, "embedding", part => part.Embedding, other.Name, input), Is.EqualTo(Slice(composed, "embedding", part => part.Embedding, other.Name, input)));
                }
            }
        }
    }

    static float[] Slice(ModelProto model, string output, Func<ModelPart, ModelSlice?> of, string tower, (string, Microsoft.ML.OnnxRuntime.OrtValue) input)
    {
        var slice = of(TinyParts.Metadata(model).Parts.Single(part => part.Path == $"towers.{tower}"))!;
        var (data, shape) = OnnxRun.Run<float>(model, output, input);
        return [.. data.Chunk((int)shape[^1]).SelectMany(row => row.Skip(slice.Start).Take(slice.Width))];
    }

    [Test]
    public void AHeadThatReadsTheTowerIsNotServedOnAnother()
    {
        var (a, b) = (Compositions.A, Compositions.B);
        var model = Composer.Compose(Compositions.Base, [a, b], new() { Heads = [Compositions.OnB] });
        var newer = TinyParts.Tower(Compositions.Base, 4, seed: 9);
        Assert.That(() => Decomposer.Replace(model, "ab", newer), Throws.TypeOf<OnnxModelException>().With.Message.Contains("Head 'b' was trained on tower 'ab'").And.Message.Contains("Train the head again"));
        Assert.That(() => Decomposer.Replace(model, "a", newer), Throws.Nothing, "the head does not read it");
        Assert.That(() => Decomposer.Replace(model, "ab", newer, allowOtherEmbedder: true), Throws.Nothing);
    }

    [Test]
    public void ATowerOfAnotherEmbedderIsRefusedWhereAnOlderOneWasAllowedToo()
    {
        var (other, fits) = (TinyParts.Embedder(seed: 8), TinyParts.Tower(Compositions.Base, 2, seed: 3));
        var model = Composer.Compose(Compositions.Base, [("a", TinyParts.Tower(other, 3)), Compositions.B], new() { AllowOtherEmbedder = true });
        Assert.That(() => Decomposer.Replace(model, "ab", TinyParts.Tower(other, 3)), Throws.TypeOf<OnnxModelException>().With.Message.Contains("Tower 'ab' was trained on embedder"));
        Assert.That(() => Decomposer.Replace(model, "ab", fits), Throws.Nothing, "that tower a does not fit is as it was");
        Assert.That(() => Decomposer.Replace(model, "a", fits), Throws.Nothing);
        Assert.That(() => Decomposer.Replace(model, "ab", TinyParts.Tower(other, 3), allowOtherEmbedder: true), Throws.Nothing);
    }

    [TestCase("aa", "no tower 'aa'; there are 'a' and 'ab'", "Did you mean 'a'?")]
    [TestCase("embedder", "no tower 'embedder'")]
    public void ATowerThatIsNotThereIsNamedWithThoseThatAre(string name, params string[] words)
    {
        var model = Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B]);
        var message = Assert.Throws<ArgumentException>(() => Decomposer.Replace(model, name, Compositions.A.Model))!.Message;
        Assert.That(words.Where(word => !message.Contains(word.Replace("' and '", "', '", StringComparison.Ordinal), StringComparison.Ordinal)), Is.Empty, message);
    }

    [Test]
    public void WhatIsNoTowerDoesNotBecomeOne() =>
        Assert.That(() => Decomposer.Replace(Composer.Compose(Compositions.Base, [Compositions.A]), "a", Compositions.Base), Throws.TypeOf<OnnxModelException>().With.Message.Contains("kind 'embedder'; expected tower"));
}
