using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

[Parallelizable]
public sealed class DecomposerTests
{
    static IEnumerable<TestCaseData> All() => Compositions.All();

    [TestCaseSource(nameof(All))]
    public void DecomposeIsTheInverseOfCompose(Decomposition parts)
    {
        var composed = parts.Compose();
        var before = composed.ToByteString();
        var found = Decomposer.Decompose(ModelProto.Parser.ParseFrom(before));
        Assert.Multiple(() =>
        {
            AssertSame("embedder", found.Embedder, parts.Embedder);
            Assert.That(found.Towers.Select(tower => tower.Name), Is.EqualTo(parts.Towers.Select(tower => tower.Name)));
            Assert.That(found.Options.Heads.Select(head => head.Name), Is.EqualTo(parts.Options.Heads.Select(head => head.Name)));
            foreach (var (one, other) in found.Towers.Concat(found.Options.Heads).Zip(parts.Towers.Concat(parts.Options.Heads)))
            {
                AssertSame(one.Name, one.Model, other.Model);
            }
            Assert.That((found.Options.Pooling, found.Options.AllowOtherEmbedder, found.TextIn), Is.EqualTo((parts.Options.Pooling, parts.Options.AllowOtherEmbedder, parts.TextIn)));
            Assert.That(found.Compose().ToByteString(), Is.EqualTo(before), "and composing them again gives the same file");
            Assert.That(composed.ToByteString(), Is.EqualTo(before), "the composed model is not changed");
        });
    }

    static void AssertSame(string part, ModelProto found, ModelProto expected)
    {
        Assert.That(found, Is.EqualTo(expected), part);
        Assert.That(found.ToByteString(), Is.EqualTo(expected.ToByteString()), part);
    }

    [Test]
    public void APartOfAPartIsAPart()
    {
        var inner = Composer.Compose(Compositions.Base, [Compositions.B, Compositions.A], new() { Pooling = new(Pooling.Mean) });
        var outer = Composer.Compose(inner, [("c", TinyParts.Tower(inner, 2, reads: 7))]);
        AssertSame("b", Decomposer.Decompose(Decomposer.Decompose(outer).Embedder).Towers[0].Model, Compositions.B.Model);
    }

    [Test]
    public void AComposedEmbedderComesBackWithoutItsHeads()
    {
        CompositionOptions pooled = new() { Pooling = new(Pooling.Mean) };
        var inner = Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], pooled with { Heads = [Compositions.OnAll] });
        var outer = Composer.Compose(inner, [("c", Standing(TinyParts.Tower(inner, 2, reads: 7), inner))]);
        Assert.That(outer.Graph.Initializer.Where(tensor => tensor.Name.Contains("heads.", StringComparison.Ordinal)), Is.Empty);
        AssertSame("embedder", Decomposer.Decompose(outer).Embedder, Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], pooled));
    }

    static ModelProto Standing(ModelProto tower, ModelProto on)
    {
        ModelProperties.Write(tower, [new("cclm.embedder", TinyParts.Metadata(on).Weights)]);
        return tower;
    }

    [TestCaseSource(nameof(All))]
    public void TheRecordsHoldNoWeights(Decomposition parts)
    {
        var composed = parts.Compose();
        foreach (var part in TinyParts.Metadata(composed).Parts)
        {
            var outline = PartRecordOf(composed, part.Path);
            var weights = outline.Graph.Initializer.Where(tensor => tensor.Name != "mask").Select(tensor => tensor.CalculateSize());
            Assert.That(weights, Is.All.Zero, part.Path);
        }
    }

    static ModelProto PartRecordOf(ModelProto composed, string path)
    {
        using var json = System.Text.Json.JsonDocument.Parse(ModelProperties.Read(composed)[$"cclm.part.{path}"]);
        return ModelProto.Parser.ParseFrom(System.Buffers.Text.Base64Url.DecodeFromChars(json.RootElement.GetProperty("rest").GetString()));
    }

    static readonly ModelProto Composed = Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], new() { Pooling = new(Pooling.Mean) });

    static void Set(ModelProto model, string key, string value) => ModelProperties.Write(model, [new(key, value)]);

    static void Remove(ModelProto model, string key) => model.MetadataProps.Remove(model.MetadataProps.Single(pair => pair.Key == key));

    static TestCaseData Refused(string display, Action<ModelProto> change, params string[] words) => new TestCaseData(change, words).SetArgDisplayNames(display);

    static IEnumerable<TestCaseData> Edits()
    {
        yield return Refused("no CCLM model", model => model.MetadataProps.Clear(), "'cclm.format'", "not a CCLM model");
        yield return Refused("composed by an earlier version", model => Remove(model, "cclm.part.towers.a"), "no 'cclm.part.towers.a'", "an earlier version", "Compose it again", "Extractor");
        yield return Refused("other weights", model => model.Graph.Initializer.Single(tensor => tensor.Name == "towers.ab.up.weight").RawData = ByteString.CopyFrom(new byte[4 * 5 * 4]), "The weights of part 'ab' hash to", "changed after");
        yield return Refused("a weight gone", model => model.Graph.Initializer.RemoveAt(1), "The weights of part 'a' hash to");
        yield return Refused("a weight more", model => model.Graph.Initializer.Add(new TensorProto { Name = "towers.a.new", DataType = 1, Dims = { 1 }, FloatData = { 1 } }), "The weights of part 'a' hash to");
        yield return Refused("a node gone", model => model.Graph.Node.Remove(model.Graph.Node.First(node => node.OpType == "Where")), "The graph or the metadata of part 'a'", "Take apart the file that was composed");
        yield return Refused("a node more", model => model.Graph.Node.Add(new NodeProto { OpType = "Neg", Input = { "hidden" }, Output = { "embedder.more" } }), "graph", "part 'embedder'");
        yield return Refused("another operator", model => model.Graph.Node.First(node => node.OpType == "MatMul").OpType = "Gemm", "graph", "part 'a'");
        yield return Refused("another preprocessor", model => Set(model, "cclm.preprocessor", "{}"), "metadata", "part 'embedder'");
        yield return Refused("a record that is no JSON", model => Set(model, "cclm.part.towers.a", "{"), "'cclm.part.towers.a' was damaged or edited");
        yield return Refused("a record of null", model => Set(model, "cclm.part.towers.a", "null"), "'cclm.part.towers.a' was damaged");
        yield return Refused("a record without its fields", model => Set(model, "cclm.part.towers.a", "{}"), "'cclm.part.towers.a' was damaged");
        yield return Refused("a record of no base64", model => Set(model, "cclm.part.towers.a", """{"sha256":"","inputs":{},"added":[],"rest":"!"}"""), "'cclm.part.towers.a' was damaged");
        yield return Refused("a record of no model", model => Set(model, "cclm.part.towers.a", """{"sha256":"","inputs":{},"added":[],"rest":"AAAA"}"""), "'cclm.part.towers.a' was damaged");
        yield return Refused("a record of an empty model", model => Set(model, "cclm.part.towers.a", """{"sha256":"","inputs":{},"added":[],"rest":""}"""), "graph", "part 'a'");
        yield return Refused("one edge for two inputs", model => Set(model, "cclm.part.towers.a", """{"sha256":"","inputs":{"x":"e","y":"e","z":null},"added":[],"rest":""}"""), "graph", "part 'a'");
        yield return Refused("another pooling", model => Set(model, "cclm.pooling", "median"), "'median'", "mean_max+layer_norm+l2");
        yield return Refused("a part twice", model => Set(model, "cclm.parts", ModelProperties.Read(model)["cclm.parts"].Replace("\"ab\"", "\"a\"", StringComparison.Ordinal)), "embedder, towers.a, towers.a; expected the embedder first, and each part once");
        yield return Refused("no parts", model => Set(model, "cclm.parts", "[]"), "kind 'composed'");
    }

    [TestCaseSource(nameof(Edits))]
    public void WhatCanNotBeRestoredIsRefusedWithTheReason(Action<ModelProto> change, string[] words)
    {
        var edited = Composed.Clone();
        change(edited);
        var message = Assert.Throws<OnnxModelException>(() => Decomposer.Decompose(edited))!.Message;
        Assert.That(words.Where(word => !message.Contains(word, StringComparison.Ordinal)), Is.Empty, message);
    }

    [Test]
    public void APartByItselfIsRefused() =>
        Assert.That(() => Decomposer.Decompose(Compositions.Base), Throws.TypeOf<OnnxModelException>().With.Message.Contains("kind 'embedder', one part by itself"));
}
