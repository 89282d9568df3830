using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Training;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Laws 1, 3, 4 and 6: what holds when parts become one model.</summary>
[Parallelizable]
public sealed class CompositionLawTests : TorchFixture
{
    static readonly string[] Texts = ["", "a", "the quick brown fox", "pack my box with five dozen liquor jugs, please", "zz top, unknown: \u00fc\U0001F600"];

    static readonly PoolingOptions?[] Poolings = [null, new(Pooling.MeanMax), new(Pooling.Mean), new(Pooling.Max), new(Pooling.Cls)];

    static readonly Dictionary<string, Func<Embedder>> Bases = new()
    {
        ["convolution"] = () => SmallParts.Embedder(),
        ["causal"] = () => SmallParts.CausalEmbedder(),
        ["n-grams alone"] = () => new ConvEmbedder(SmallParts.EmbedderOptions with { CharacterWidth = 10, NGrams = [2, 5], NGramBuckets = 31, Blocks = 0 }),
        ["n-grams of words"] = () => SmallParts.WordNGrams(),
        ["n-grams"] = () => new ConvEmbedder(SmallParts.EmbedderOptions with { NGrams = [2, 5], NGramBuckets = 31 }),
        ["composed"] = () => SmallParts.Embedder() is var inner ? new ComposedModel(inner, ("x", SmallParts.Tower(inner)), ("y", new ConvTower(inner, 5))) : null!,
    };

    static IEnumerable<TestCaseData> Compositions =>
        from name in Bases.Keys from towers in Enumerable.Range(1, 3) select new TestCaseData(name, towers);

    [TestCaseSource(nameof(Compositions))]
    public void TheSquareCommutes(string name, int count)
    {
        var (model, stitched) = Compose(Bases[name](), count);
        using var scope = model;
        var whole = ModelExporter.Export(model, SmallParts.Preprocessor);
        var batch = SmallParts.Preprocessor.Encode(Texts);
        Assert.That(Run(stitched, ModelNames.Hidden, batch), Is.EqualTo(Run(whole, ModelNames.Hidden, batch)), "Not one bit may differ.");
        Assert.That(WeightsHash.Of(stitched), Is.EqualTo(WeightsHash.Of(whole)).And.EqualTo(model.WeightsHash()));
        Assert.That(stitched.Graph.Initializer.Select(weight => weight.Name), Is.EquivalentTo(model.state_dict().Keys), "Weights are named as in the state_dict.");
        OfficialChecker.Check(whole);
        OfficialChecker.Check(stitched);
    }

    [TestCaseSource(nameof(Poolings))]
    public void AReplacedTowerLeavesTheOtherSlicesBitIdentical(PoolingOptions? pooling)
    {
        var embedder = SmallParts.Embedder();
        var root = ModelExporter.Export(embedder, SmallParts.Preprocessor);
        (string, ModelProto)[] towers = [.. "abc".Select((letter, i) => ($"{letter}", Export(SmallParts.Tower(embedder), embedder)))];
        var before = Composer.Compose(root, towers, new() { Pooling = pooling });
        towers[1] = ("b", Export(SmallParts.Tower(embedder), embedder));
        var after = Composer.Compose(root, towers, new() { Pooling = pooling });
        var batch = SmallParts.Preprocessor.Encode(Texts);
        foreach (var output in pooling is null ? new[] { ModelNames.Hidden } : [ModelNames.Hidden, ModelNames.Embedding])
        {
            var (old, now) = (Run(before, output, batch), Run(after, output, batch));
            var width = (int)before.Graph.Output.Single(info => info.Name == output).Type.TensorType.Shape.Dim[^1].DimValue;
            var replaced = Enumerable.Range(0, old.Length).Where(i => BitConverter.SingleToInt32Bits(old[i]) != BitConverter.SingleToInt32Bits(now[i])).Select(i => i % width).ToHashSet();
            Assert.That(replaced, Is.Not.Empty, "The tower was not replaced.");
            Assert.That(replaced, Is.All.InRange(width / 3, (2 * width / 3) - 1), $"Another slice of '{output}' changed.");
        }
    }

    /// <summary>1,000 random batches: each text alone, and among random neighbours at a random place under random padding.</summary>
    [TestCase("convolution")]
    [TestCase("composed")]
    public void AVectorDoesNotDependOnItsBatch(string name)
    {
        var (_, stitched) = Compose(Bases[name](), 2, new(Pooling.MeanMax));
        using var model = CclmModel.Load(stitched.ToByteArray());
        var random = new Random(5);
        string[] texts = [.. Enumerable.Range(0, 60).Select(i => SmallParts.Text(i % 45, random))];
        var alone = texts.Select(text => model.Embed(text)).ToArray();
        using var session = new OnnxSession(stitched);
        for (var round = 0; round < 1000; round++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(texts.Length)).ToArray();
            var batch = Pad(SmallParts.Preprocessor.Encode([.. rows.Select(row => texts[row])]), random.Next(4));
            var vectors = session.Run(ModelNames.Embedding, batch);
            for (var i = 0; i < rows.Length; i++)
            {
                var difference = alone[rows[i]].Zip(vectors.Skip(i * model.Dimensions), (a, b) => Math.Abs(a - b)).Max();
                Assert.That(difference, Is.LessThanOrEqualTo(1e-5), $"Round {round}: '{texts[rows[i]]}' among {rows.Length} texts of length {batch.Length}.");
            }
        }
    }

    [Test]
    public void PaddingNeitherReachesATextInTorch()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (model, _) = Compose(SmallParts.Embedder(), 2);
        model.eval();
        foreach (var text in Texts)
        {
            var alone = SmallParts.Preprocessor.Encode([text]);
            var padded = Pad(SmallParts.Preprocessor.Encode([text, SmallParts.Text(38, new Random(1))]), 1);
            var (a, b) = (Hidden(model, alone), Hidden(model, padded)[0].narrow(0, 0, alone.Length));
            Assert.That((a[0] - b).abs().max().item<float>(), Is.LessThanOrEqualTo(1e-5));
        }
    }

    [TestCase(Pooling.Mean)]
    [TestCase(Pooling.Max)]
    [TestCase(Pooling.MeanMax)]
    [TestCase(Pooling.Cls)]
    public void VectorsThatAreComparedInTrainingAreThoseOfTheComposedModel(Pooling pooling)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (model, stitched) = Compose(SmallParts.WordNGrams(), 1, new(pooling));
        model.eval();
        var batch = SmallParts.Preprocessor.Encode(Texts);
        var served = Run(stitched, ModelNames.Embedding, batch);
        var trained = PooledVectors.Of((Value.Torch)model.forward(new Value.Torch(tensor(batch.Ids).view(batch.Rows, batch.Length))), pooling).data<float>().ToArray();
        Assert.That(trained, Is.EqualTo(served).Within(1e-5));
    }

    [Test]
    public void OneFileIsTheModel()
    {
        using var folder = new TempFolder();
        var (model, stitched) = Compose(SmallParts.Embedder(), 2, new(Pooling.MeanMax));
        OnnxFile.Save(stitched, folder["only.onnx"]);
        using var loaded = CclmModel.Load(folder["only.onnx"]);
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
        Assert.That(loaded.Preprocessor.ToJson(), Is.EqualTo(SmallParts.Preprocessor.ToJson()));
        Assert.That(loaded.Towers.Select(tower => (tower.Name, tower.HiddenStart, tower.HiddenWidth)), Is.EqualTo(model.Towers.Select(tower => (tower.Name, model.Slice(tower.Name).Start.Value, tower.Tower.Width))));
        Assert.That(TensorNorm(loaded.Embed("quick")), Is.EqualTo(1).Within(1e-5));
        Assert.That(loaded.Weights, Is.EqualTo(model.WeightsHash()));
    }

    [Test]
    public void ATowerOfAnotherEmbedderIsRefusedByBothHashes()
    {
        var (embedder, other) = (SmallParts.Embedder(1), SmallParts.Embedder(2));
        var tower = Export(SmallParts.Tower(other), other);
        Assert.That(() => Composer.Compose(ModelExporter.Export(embedder, SmallParts.Preprocessor), [("stranger", tower)]),
            Throws.InstanceOf<OnnxModelException>().With.Message.Contains("stranger").And.Message.Contains(embedder.WeightsHash()).And.Message.Contains(other.WeightsHash()));
    }

    static (ComposedModel Model, ModelProto Stitched) Compose(Embedder embedder, int count, PoolingOptions? pooling = null)
    {
        (string Name, Tower Tower)[] towers = [.. Enumerable.Range(0, count).Select(i => ($"t{i}", i switch { 1 => (Tower)new ConvTower(embedder), 2 => new StridedTower(embedder, new() { Heads = 1, Layers = 1, FeedForward = 9 }), _ => SmallParts.Tower(embedder) }))];
        return (new(embedder, towers), Composer.Compose(
            ModelExporter.Export(embedder, SmallParts.Preprocessor), [.. towers.Select(tower => (tower.Name, Export(tower.Tower, embedder)))], new() { Pooling = pooling }));
    }

    static ModelProto Export(Tower tower, Embedder embedder) => ModelExporter.Export(tower, embedder, SmallParts.Preprocessor);

    static float[] Run(ModelProto model, string output, EncodedBatch batch) =>
        OnnxRun.Run<float>(model, output, OnnxRun.Tensor(ModelNames.Ids, batch.Ids, batch.Rows, batch.Length)).Data;

    static Tensor Hidden(Embedder model, EncodedBatch batch) => ((Value.Torch)model.forward(new Value.Torch(tensor(batch.Ids).view(batch.Rows, batch.Length)))).Tensor;

    static double TensorNorm(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));

    /// <summary>More padding behind every text, as far as the model has positions.</summary>
    static EncodedBatch Pad(EncodedBatch batch, int more)
    {
        more = Math.Min(more, SmallParts.Preprocessor.Options.MaxLength - batch.Length);
        return new([.. batch.Ids.Chunk(batch.Length).SelectMany(row => row.Concat(new long[more]))], batch.Rows, batch.Length + more);
    }

    /// <summary>One session for many runs.</summary>
    sealed class OnnxSession(ModelProto model) : IDisposable
    {
        readonly Microsoft.ML.OnnxRuntime.InferenceSession session = new(model.ToByteArray());

        public float[] Run(string output, EncodedBatch batch)
        {
            using var run = new Microsoft.ML.OnnxRuntime.RunOptions();
            using var ids = OnnxRun.Tensor(ModelNames.Ids, batch.Ids, batch.Rows, batch.Length).Item2;
            using var results = session.Run(run, [ModelNames.Ids], [ids], [output]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }

        public void Dispose() => session.Dispose();
    }
}
