using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Training;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Training;

/// <summary>Composed models in fewer bits keep the laws, and one that says something else is refused.</summary>
public sealed class QuantizationTests
{
    static readonly string[] Words = ["int8", "float16", "int8-weights"];

    static readonly string[] Texts = [.. Enumerable.Range(0, 40).Select(seed => SmallParts.Text(seed, new Random(seed)))];

    static QuantizationOptions To(string word) => new(PrecisionNames.Words[word]) { SmallestWeight = 1 };

    /// <summary>Convolutions, attention, what is causal, what is strided, and texts of nothing.</summary>
    [Test, Combinatorial]
    public void EveryLayerSaysWhatItSaid([ValueSource(nameof(Words))] string to, [Values("transformer", "causal", "strided")] string kind)
    {
        var (converted, report) = QuantizationGate.Convert(Composed(kind), To(to), Texts, new() { BatchSize = 7, Threads = 1 });
        Assert.That(report.Outputs.Select(output => output.Output), Is.EqualTo((string[])["embedding"]));
        Assert.That(report.BytesAfter, Is.EqualTo(converted.CalculateSize()));
        using var model = CclmModel.Load(converted.ToByteArray());
        Assert.That(model.Embed(["", "a"]).SelectMany(vector => vector), Is.All.Matches<float>(float.IsFinite));
        var unknowns = ShapeLaw.AssertFits(converted, OnnxRun.Tensor("ids", [.. Enumerable.Range(0, 27).Select(i => i % 9 < 7 ? 4L + i : 0)], 3, 9));
        Assert.That((unknowns.Rank.Count, ModelCost.Of(converted, 3, 9).UnknownEdges), Is.EqualTo((0, 0)), "Edges whose type or size is not inferred.");
        if (kind == "transformer")
        {
            OfficialChecker.Check(converted);
        }
    }

    /// <summary>300 random batches: each text alone, and among random neighbours.</summary>
    [Test]
    public void AVectorDoesNotDependOnItsBatch([ValueSource(nameof(Words))] string to)
    {
        using var model = CclmModel.Load(Quantizer.Convert(Composed("transformer"), To(to)).ToByteArray(), new() { Threads = 1 });
        var alone = Texts.Select(text => model.Embed(text)).ToArray();
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            int[] drawn = [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => random.Next(Texts.Length))];
            foreach (var (vector, i) in model.Embed([.. drawn.Select(i => Texts[i])]).Zip(drawn))
            {
                Assert.That(vector, Is.EqualTo(alone[i]).Within(1e-5));
            }
        }
    }

    /// <summary>A channel that is a thousand times as large as those that count leaves them no steps in 8 bits; half precision has them.</summary>
    [Test]
    public void AModelThatSaysSomethingElseIsRefused()
    {
        var model = WithOutliers();
        Assert.That(() => QuantizationGate.Convert(model, To("int8"), ["abc", "ddd", "cab"], new() { Threads = 1 }),
            Throws.InstanceOf<InvalidDataException>().With.Message.Matches("In int8, output 'embedding' has a cosine of .* over 3 texts; expected 0.999 and 0.99. The worst text is '"));
        Assert.That(() => QuantizationGate.Convert(model, To("float16"), ["abc", "ddd", "cab"], new() { Threads = 1 }), Throws.Nothing);
        Assert.That(() => QuantizationGate.Convert(model, To("int8"), ["abc"], new() { MeanCosine = -1, WorstCosine = -1, Threads = 1 }), Throws.Nothing);
        Assert.That(() => QuantizationGate.Convert(model, To("int8"), []), Throws.ArgumentException);
    }

    /// <summary>The command writes nothing then, and what was there stays.</summary>
    [Test]
    public async Task TheCommandWritesNothingThatIsRefused()
    {
        using var folder = new TempFolder();
        OnnxFile.Save(WithOutliers(), folder["model.onnx"]);
        folder.Write("texts.txt", "abc\nddd\ncab\n");
        var (exit, _, errors) = await App.Cli.RunAsync("quantize", folder["model.onnx"], "--output", folder["int8.onnx"], "--texts", folder["texts.txt"]);
        Assert.That((exit, Directory.GetFiles(folder.Path).Length), Is.EqualTo((1, 2)), errors);
        Assert.That(errors, Does.Contain("error: ").And.Not.Contain("   at "));
    }

    [TestCase("--min-cosine", "1.5", "--min-cosine is 1.5; expected a cosine, at most 1, such as 0.999.")]
    [TestCase("--worst-cosine", "NaN", "--worst-cosine is NaN; expected a cosine, at most 1, such as 0.999.")]
    [TestCase("--keep", "tower.", "No weight's name begins with 'tower.' (--keep). Leave it out, or begin it with the name of a part: 'cclm inspect' shows them.")]
    public async Task AnOptionThatCanNotBeIsAnErrorBeforeAnythingIsDone(string option, string value, string error)
    {
        using var folder = new TempFolder();
        OnnxFile.Save(WithOutliers(), folder["model.onnx"]);
        folder.Write("texts.txt", "abc\nddd\ncab\n");
        var (exit, _, errors) = await App.Cli.RunAsync("quantize", folder["model.onnx"], "--output", folder["int8.onnx"], "--texts", folder["texts.txt"], option, value);
        Assert.That((exit, errors.Trim()), Is.EqualTo((1, $"error: {error}")));
    }

    static ModelProto Composed(string kind)
    {
        using var embedder = kind == "causal" ? SmallParts.CausalEmbedder() : SmallParts.Embedder();
        using Tower tower = kind switch { "causal" => SmallParts.CausalTower(embedder), "strided" => new StridedTower(embedder, new() { Layers = 1, Heads = 2, FeedForward = 9 }), _ => SmallParts.Tower(embedder) };
        tower.eval();
        var root = ModelExporter.Export(embedder, SmallParts.Preprocessor);
        return Composer.Compose(root, [("t", ModelExporter.Export(tower, embedder, SmallParts.Preprocessor))], new() { Pooling = new(Pooling.MeanMax) });
    }

    /// <summary>A table whose first channel is large, and a tower that does not read it.</summary>
    static ModelProto WithOutliers()
    {
        var embedder = TinyParts.Embedder(width: 64);
        var tower = TinyParts.Tower(embedder, 32, reads: 64);
        var (table, weight) = (Floats(embedder, 0), Floats(tower, 0));
        for (var i = 0; i < table.Length; i += 64)
        {
            table[i] = 3000;
        }
        weight.AsSpan(0, 32).Clear();
        Replace(embedder, table);
        embedder = TinyParts.Describe(embedder, TinyParts.Metadata(embedder) with { Weights = WeightsHash.Of(embedder) });
        Replace(tower, weight);
        tower = TinyParts.Describe(tower, TinyParts.Metadata(tower) with { Weights = WeightsHash.Of(tower), Embedder = WeightsHash.Of(embedder) });
        return Composer.Compose(embedder, [("a", tower)], new() { Pooling = new(Pooling.Mean) });
    }

    static float[] Floats(ModelProto model, int weight) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(model.Graph.Initializer[weight].RawData.Span).ToArray();

    static void Replace(ModelProto model, float[] values) => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
}
