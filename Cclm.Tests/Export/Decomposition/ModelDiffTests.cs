using System.Text.Json;
using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

[Parallelizable]
public sealed class ModelDiffTests
{
    static readonly ModelProto Model = Of(Compositions.A, Compositions.B);

    static ModelProto Of(params (string, ModelProto)[] towers) => Composer.Compose(Compositions.Base, towers, new() { Pooling = new(Pooling.Mean) });

    /// <summary>A tower whose weights are all a tenth larger.</summary>
    static ModelProto Retrained(ModelProto tower, float factor = 1.1f) => OddParts.Changed(tower, model =>
    {
        var floats = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(model.Graph.Initializer[0].RawData.Span).ToArray().Select(x => x * factor).ToArray();
        model.Graph.Initializer[0].RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(floats));
    });

    static TestCaseData Case(string name, ModelProto after, params string[] parts) => new TestCaseData(after, parts).SetArgDisplayNames(name);

    static IEnumerable<TestCaseData> Changes()
    {
        var (a, b, c) = (Compositions.A, Compositions.B, Compositions.C);
        yield return Case("nothing", Model.Clone(), "embedder unchanged", "towers.a unchanged", "towers.ab unchanged");
        yield return Case("a retrain", Of(a, (b.Name, Retrained(b.Model))), "embedder unchanged", "towers.a unchanged", "towers.ab changed 0.1");
        yield return Case("a tower more", Of(c, a, b), "embedder unchanged", "towers.c_0 added", "towers.a unchanged", "towers.ab unchanged");
        yield return Case("a tower less", Of(b), "embedder unchanged", "towers.ab unchanged", "towers.a removed");
        yield return Case("another order", Of(b, a), "embedder unchanged", "towers.ab unchanged moved", "towers.a unchanged moved");
        yield return Case("another width", Of(a, (b.Name, TinyParts.Tower(Compositions.Base, 9))), "embedder unchanged", "towers.a unchanged", "towers.ab changed");
        yield return Case("another graph", Of((a.Name, OddParts.Changed(a.Model, OddParts.Branch)), b), "embedder unchanged", "towers.a changed graph 0", "towers.ab unchanged");
        yield return Case("a head", Composer.Compose(Compositions.Base, [a, b], new() { Pooling = new(Pooling.Mean), Heads = [Compositions.OnB] }),
            "embedder unchanged", "towers.a unchanged", "towers.ab unchanged", "heads.b added");
        yield return Case("another embedder", Composer.Compose(TinyParts.Embedder(seed: 8), [a, b], new() { Pooling = new(Pooling.Mean), AllowOtherEmbedder = true }),
            "embedder changed 1.3", "towers.a unchanged", "towers.ab unchanged");
    }

    [TestCaseSource(nameof(Changes))]
    public void EachPartIsSaidToBeWhatItIs(ModelProto after, string[] parts)
    {
        var diff = ModelDiff.Of(Model, after);
        Assert.That(diff.Parts.Select(part => string.Join(' ', ((string?[])[part.Part, part.Change.ToString().ToLowerInvariant(), part.Moved ? "moved" : null,
            part.GraphChanged && part.Tensors.Count < 2 && part.Tensors.All(tensor => tensor.Before is null) ? "graph" : null,
            part.RelativeChange is { } change ? $"{Math.Round(change, 1)}" : null]).Where(word => word is not null))), Is.EqualTo(parts));
        Assert.That(diff.Options, Is.Empty);
        Assert.That(diff.IsEmpty, Is.EqualTo(parts.Length == 3 && parts.All(part => part.EndsWith("unchanged", StringComparison.Ordinal))));
    }

    [Test]
    public void ChangedTensorsAreNamedWithTheirShapesTheMostChangedFirst()
    {
        var before = OddParts.Tower(Compositions.Base, OddParts.Annotate);
        var after = OddParts.Changed(before, tower =>
        {
            foreach (var (name, factor) in (ReadOnlySpan<(string, float)>)[("typed", 2), ("scale", 3)])
            {
                var tensor = tower.Graph.Initializer.Single(tensor => tensor.Name == name);
                tensor.FloatData[0] *= factor;
            }
            var weight = tower.Graph.Initializer.Single(tensor => tensor.Name == "up.weight");
            (weight.Dims[0], weight.Dims[1]) = (3, 5);
            tower.Graph.Initializer.Add(new TensorProto { Name = "new", DataType = 1, Dims = { 1 }, FloatData = { 1 } });
        });
        var part = ModelDiff.Of(before, after).Parts.Single();
        Assert.That(part.Tensors, Is.EqualTo((TensorDiff[])
        [
            new("new", null, "float[1]", null), new("up.weight", "float[5,3]", "float[3,5]", null),
            new("scale", "float[1]", "float[1]", 2), new("typed", "float[2]", "float[2]", Math.Sqrt(1.0 / 5)),
        ]));
        Assert.That((part.Part, part.RelativeChange), Is.EqualTo(("tower", Math.Sqrt((4 + 1) / (1.0 + 5)))));
    }

    [Test]
    public void OptionsThatDifferAreNamedWithBoth()
    {
        var other = TinyParts.Describe(TinyParts.Embedder(), TinyParts.Metadata(Compositions.Base) with
        {
            Preprocessor = TinyParts.Metadata(Compositions.Base).Preprocessor!.Replace("\"maxLength\":7", "\"maxLength\":9", StringComparison.Ordinal),
        });
        var after = Composer.Compose(other, [Compositions.A, Compositions.B]);
        after.ProducerVersion = "9.9.9";
        Assert.That(ModelDiff.Of(Model, TextInput.Prepend(Model)).Options.Select(option => option.Name), Is.EqualTo((string[])["inputs", "operator sets"]));
        Assert.That(ModelDiff.Of(Model, after).Options, Is.EqualTo((OptionDiff[])[new("pooling", "mean+l2", null), new("maximum length", "7", "9"), new("producer", $"cclm {Model.ProducerVersion}", "cclm 9.9.9")]));
    }

    [Test]
    public void MarkdownAndJsonSayTheSame()
    {
        var diff = ModelDiff.Of(Model, Of(Compositions.A, (Compositions.B.Name, Retrained(Compositions.B.Model))));
        var lines = diff.ToMarkdown().Split('\n');
        Assert.That(lines[0], Is.EqualTo("1 part differs of 3, 0 moved, 0 options."));
        Assert.That(lines, Does.Contain("| towers.ab | changed |  |  | 0.1 |").And.Contain("| towers.ab | up.weight | float[5,4] | float[5,4] | 0.1 |"));
        using var json = JsonDocument.Parse(diff.ToJson());
        Assert.That(json.RootElement.GetProperty("parts")[2].GetProperty("tensors")[0].GetProperty("relativeChange").GetDouble(), Is.EqualTo(0.1).Within(1e-6));
        Assert.That(ModelDiff.Of(Model, Model).ToMarkdown(), Does.StartWith("The models have the same parts and options."));
    }

    [Test]
    public void WhatIsNoCclmModelIsRefused() =>
        Assert.That(() => ModelDiff.Of(new OnnxGraph("g").ToModel(), Model), Throws.TypeOf<OnnxModelException>().With.Message.Contains("not a CCLM model"));
}
