using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class ComposerTests
{
    static readonly ModelProto Base = TinyParts.Embedder();
    static readonly long[] Ids = [4, 7, 3, 0, 9, 3];        // [2,3], the first padded
    static readonly (string, Microsoft.ML.OnnxRuntime.OrtValue) Input = OnnxRun.Tensor("ids", Ids, 2, 3);

    static ModelProto Compose(PoolingOptions? pooling, params (string, ModelProto)[] towers) => Composer.Compose(Base, towers, new() { Pooling = pooling });

    static float[] Alone(ModelProto tower)
    {
        var (hidden, shape) = OnnxRun.Run<float>(Base, "hidden", Input);
        var (mask, _) = OnnxRun.Run<bool>(Base, "mask", Input);
        return OnnxRun.Run<float>(tower, "hidden", OnnxRun.Tensor("embedded", hidden, shape), OnnxRun.Tensor("mask", mask, 2, 3)).Data;
    }

    static float[] Slice(float[] hidden, int width, int start, int length) =>
        [.. hidden.Chunk(width).SelectMany(position => position.Skip(start).Take(length))];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(5)]
    public void EachSliceOfAComposedModelIsWhatItsTowerSaysAlone(int count)
    {
        var towers = Enumerable.Range(0, count).Select(i => (Name: $"t{i}", Model: TinyParts.Tower(Base, i + 1, seed: i))).ToArray();
        var model = Composer.Compose(Base, towers);
        var (hidden, shape) = OnnxRun.Run<float>(model, "hidden", Input);
        var width = count * (count + 1) / 2;
        Assert.That(shape, Is.EqualTo((long[])[2, 3, width]));
        for (int i = 0, start = 0; i < count; start += ++i)
        {
            Assert.That(Slice(hidden, width, start, i + 1), Is.EqualTo(Alone(towers[i].Model)));
        }
        Assert.That(OnnxRun.Run<bool>(model, "mask", Input).Data, Is.EqualTo(Ids.Select(id => id != 0)));
        Assert.That(ModelCheck.Problems(model), Is.Empty);
        OfficialChecker.Check(model);
    }

    [Test]
    public void TheEmbedderIsThereOnceAndWeightsAreNamedByPart()
    {
        var model = Compose(null, ("a", TinyParts.Tower(Base, 3)), ("b", TinyParts.Tower(Base, 4)));
        Assert.That(model.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo((string[])["embedder.characters.weight", "towers.a.up.weight", "towers.b.up.weight"]));
        Assert.That(model.Graph.Node.Count(node => node.OpType == "Gather"), Is.EqualTo(1));
    }

    [TestCaseSource(nameof(Poolings))]
    public void AReplacedTowerLeavesTheOtherSlicesAsTheyWere(Pooling pooling)
    {
        var options = new PoolingOptions(pooling);
        var (a, b, other) = (TinyParts.Tower(Base, 3), TinyParts.Tower(Base, 4, seed: 5), TinyParts.Tower(Base, 7, seed: 6));
        var (before, after) = (Compose(options, ("a", a), ("b", b)), Compose(options, ("a", a), ("b", other)));
        Assert.That(Slice(OnnxRun.Run<float>(after, "hidden", Input).Data, 10, 0, 3), Is.EqualTo(Slice(OnnxRun.Run<float>(before, "hidden", Input).Data, 7, 0, 3)));
        int kept = options.Width(3), was = options.Width(7), isNow = options.Width(10);
        Assert.That(Slice(OnnxRun.Run<float>(after, "embedding", Input).Data, isNow, 0, kept), Is.EqualTo(Slice(OnnxRun.Run<float>(before, "embedding", Input).Data, was, 0, kept)));
    }

    static readonly Pooling[] Poolings = Enum.GetValues<Pooling>();

    [Test]
    public void AComposedModelIsAnEmbedder()
    {
        var inner = Compose(new(Pooling.Mean), ("a", TinyParts.Tower(Base, 3)), ("b", TinyParts.Tower(Base, 4)));
        var tower = TinyParts.Tower(inner, 2, reads: 7);
        var model = Composer.Compose(inner, [("c", tower)]);
        var metadata = TinyParts.Metadata(model);
        Assert.Multiple(() =>
        {
            Assert.That(model.Graph.Initializer.Select(tensor => tensor.Name), Does.Contain("embedder.towers.a.up.weight"));
            Assert.That(model.Graph.Node.Select(node => node.OpType), Does.Not.Contain("ReduceL2"), "the inner embedding is not computed");
            Assert.That(metadata.Parts.Select(part => (part.Name, part.Kind)), Is.EqualTo(((string, string)[])[("embedder", "composed"), ("c", "tower")]));
            Assert.That(metadata.Parts[0].Weights, Is.EqualTo(WeightsHash.Of(model, "embedder.")).And.EqualTo(TinyParts.Metadata(inner).Weights));
        });
        OfficialChecker.Check(model);
        var hidden = OnnxRun.Run<float>(inner, "hidden", Input);
        var expected = OnnxRun.Run<float>(tower, "hidden", OnnxRun.Tensor("embedded", hidden.Data, hidden.Shape), OnnxRun.Tensor("mask", OnnxRun.Run<bool>(inner, "mask", Input).Data, 2, 3));
        Assert.That(OnnxRun.Run<float>(model, "hidden", Input).Data, Is.EqualTo(expected.Data));
    }

    [Test]
    public void TheMetadataSaysWhatIsInTheFile()
    {
        var (a, b) = (TinyParts.Tower(Base, 3), TinyParts.Tower(Base, 4));
        var model = Compose(new(Pooling.MeanMax), ("a", a), ("b", b));
        var (metadata, embedder) = (TinyParts.Metadata(model), TinyParts.Metadata(Base));
        Assert.Multiple(() =>
        {
            Assert.That((metadata.Kind, metadata.Vocabulary, metadata.Preprocessor, metadata.Pooling, metadata.Embedder),
                Is.EqualTo(("composed", embedder.Vocabulary, embedder.Preprocessor, "mean_max+layer_norm+l2", (string?)null)));
            Assert.That(metadata.Weights, Is.EqualTo(WeightsHash.Of(model)));
            Assert.That(metadata.Parts, Is.EqualTo((ModelPart[])
            [
                new("embedder", "embedder", embedder.Weights),
                new("a", "tower", TinyParts.Metadata(a).Weights, new(0, 3), new(0, 6)),
                new("b", "tower", TinyParts.Metadata(b).Weights, new(3, 4), new(6, 8)),
            ]));
            Assert.That(TinyParts.Metadata(Compose(null, ("a", a))).Parts[1].Embedding, Is.Null);
        });
    }

    [TestCase("", "'' is no name")]
    [TestCase("Topic", "'Topic' is no name")]
    [TestCase("a.b", "'a.b' is no name")]
    [TestCase("a", "Two towers are named 'a'")]
    public void ATowersNameIsAKey(string name, string reason) =>
        Assert.That(() => Compose(null, ("a", TinyParts.Tower(Base, 3)), (name, TinyParts.Tower(Base, 3))), Throws.ArgumentException.With.Message.Contains(reason));

    [Test]
    public void AComposedModelNeedsATower() => Assert.That(() => Compose(null), Throws.ArgumentException.With.Message.Contains("at least one tower"));

    static TestCaseData Refused(string display, ModelProto tower, params string[] words) => new TestCaseData(tower, words).SetArgDisplayNames(display);

    static ModelProto Changed(ModelProto model, Action<ModelProto> change)
    {
        change(model);
        return model;
    }

    static IEnumerable<TestCaseData> Misfits()
    {
        var other = TinyParts.Embedder(seed: 8);
        yield return Refused("width", TinyParts.Tower(Base, 3, reads: 12),
            "Tower 't' reads 12 channels but the embedder writes 5. Export it against what it is to stand on, or put a Linear(5, 12) before it.");
        yield return Refused("other embedder", TinyParts.Tower(other, 3), $"Tower 't' was trained on embedder {WeightsHash.Of(other)}, but this one is {WeightsHash.Of(Base)}");
        yield return Refused("other vocabulary", TinyParts.Tower(Base, 3, vocabulary: "b0b"), "Tower 't' was trained with vocabulary b0b", "aaaa", "share one preprocessor");
        yield return Refused("an embedder", Base, "Part 't' is of kind 'embedder'; expected tower");
        yield return Refused("no metadata", Changed(TinyParts.Tower(Base, 3), tower => tower.MetadataProps.Clear()), "Part 't'", "'cclm.format'", "Export it");
        yield return Refused("NaN", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Initializer[0].RawData = Raw(1, 2, float.NaN, 4, 5)), "t: initializer 'up.weight' (float[5,1]) has NaN at element 2");
        yield return Refused("infinity", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Initializer[0].RawData = Raw(1, 2, 3, 4, float.NegativeInfinity)), "'up.weight'", "element 4");
        yield return Refused("changed weights", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Initializer[0].RawData = Raw(1, 2, 3, 4, 5)), "The weights of part 't' hash to", "changed after its export");
        yield return Refused("short weights", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Initializer[0].RawData = Raw(1, 2)), "t: initializer 'up.weight' (float[5,1]) has 8 bytes of data; expected 20");
        yield return Refused("wrong type", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Double), "'embedded' as double[B,T,5]", "expected float of rank 3");
        yield return Refused("no mask", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Input[1].Name = "other"), "t: node", "reads 'mask'");
        yield return Refused("unknown width", Changed(TinyParts.Tower(Base, 1), tower => tower.Graph.Output[0].Type.TensorType.Shape.Dim[2].DimParam = "C"), "writes 'hidden' as float[B,T,C]", "a number in its last dimension");
        yield return Refused("unknown opset", Changed(TinyParts.Tower(Base, 1), tower => tower.OpsetImport[0].Version = 27), "graph 'composed': operator set ai.onnx 20 can not be raised to 27", "Export the parts for 26");
    }

    static ByteString Raw(params float[] numbers) => ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(numbers));

    [TestCaseSource(nameof(Misfits))]
    public void ATowerThatDoesNotFitIsRefusedWithTheReason(ModelProto tower, string[] words)
    {
        var message = Assert.Throws<OnnxModelException>(() => Composer.Compose(Base, [("t", tower)]))!.Message;
        Assert.That(words.Where(word => !message.Contains(word, StringComparison.Ordinal)), Is.Empty, message);
    }

    [Test]
    public void AnotherEmbedderCanBeAllowed() =>
        Assert.That(() => Composer.Compose(TinyParts.Embedder(seed: 8), [("t", TinyParts.Tower(Base, 3))], new() { AllowOtherEmbedder = true }), Throws.Nothing);

    [Test]
    public void ATowerIsNoEmbedder() =>
        Assert.That(() => Composer.Compose(TinyParts.Tower(Base, 3), [("t", TinyParts.Tower(Base, 3))]), Throws.TypeOf<OnnxModelException>().With.Message.Contains("kind 'tower'; expected embedder or composed"));
}
