using System.Text.Json;
using System.Xml.Linq;
using Cclm.Export;
using Cclm.Tests.Export;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary><c>cclm decompose</c>, <c>replace</c>, <c>diff</c> and the pictures of <c>inspect</c>, on a small model of two towers and a head.</summary>
[Parallelizable]
public sealed class DecomposeCommandTests : CommandFixture
{
    static readonly TempFolder Folder = new();

    [OneTimeSetUp]
    public void MakeModels()
    {
        var model = Composer.Compose(Compositions.Base, [Compositions.B, Compositions.A], new() { Pooling = new(Pooling.Mean), Heads = [Compositions.OnB] });
        OnnxFile.Save(model, Folder["model.onnx"]);
        OnnxFile.Save(TextInput.Prepend(model), Folder["text.onnx"]);
        OnnxFile.Save(TinyParts.Tower(Compositions.Base, 2, seed: 9), Folder["new.onnx"]);
        OnnxFile.Save(Compositions.Base, Folder["embedder.onnx"]);
        OnnxFile.Save(Quantizer.Convert(model, new(ModelPrecision.Int8) { SmallestWeight = 1 }), Folder["int8.onnx"]);
        OnnxFile.Save(new OnnxGraph("plain").ToModel(), Folder["plain.onnx"]);
        model.MetadataProps.Remove(model.MetadataProps.Single(pair => pair.Key == "cclm.part.towers.a"));
        OnnxFile.Save(model, Folder["old.onnx"]);
    }

    [OneTimeTearDown]
    public void Clean() => Folder.Dispose();

    [TestCase("model.onnx")]
    [TestCase("text.onnx")]
    public async Task ComposeAfterDecomposeGivesTheSameFile(string file)
    {
        var parts = Folder[$"{file}.parts"];
        var (exit, output, errors) = await Cli.RunAsync("decompose", Folder[file], "--output", parts, "--json");
        Assert.That(exit, Is.Zero, errors);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.That(answer.GetProperty("files").EnumerateArray().Select(written => Path.GetRelativePath(parts, written.GetString()!)),
            Is.EqualTo((string[])["embedder.onnx", "towers/ab.onnx", "towers/a.onnx", "heads/b.onnx"]));
        Assert.That(File.ReadAllText(Path.Combine(parts, "preprocessor.json")), Is.EqualTo(TinyParts.Metadata(Compositions.Base).Preprocessor));
        Assert.That(OnnxFile.Load(Path.Combine(parts, "heads", "b.onnx")), Is.EqualTo(Compositions.OnB.Model));
        string[] options = [.. answer.GetProperty("compose").EnumerateArray().Select(word => word.GetString()!)];
        (exit, _, errors) = await Cli.RunAsync(["compose", parts, .. options, "--output", Folder[$"{file}.again"]]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(File.ReadAllBytes(Folder[$"{file}.again"]), Is.EqualTo(File.ReadAllBytes(Folder[file])));
    }

    [Test]
    public async Task AReplacedTowerIsTheOneThatDiffers()
    {
        var (exit, output, errors) = await Cli.RunAsync("replace", Folder["model.onnx"], "a", Folder["new.onnx"], "--output", Folder["newer.onnx"]);
        Assert.That((exit, output), Is.EqualTo((0, $"Wrote {Folder["newer.onnx"]}: embedder, tower ab, tower a, head b ({new FileInfo(Folder["newer.onnx"]).Length:N0} bytes).\n")), errors);
        (exit, output, errors) = await Cli.RunAsync("diff", Folder["model.onnx"], Folder["newer.onnx"], "--markdown");
        Assert.That((exit, output.Split('\n')), Is.EqualTo((0, (string[])
        [
            "1 part differs of 4, 0 moved, 0 options.", "", "| part |  | place | graph | relative change |", "| --- | --- | --- | --- | --- |", "| embedder | unchanged |  |  |  |",
            "| towers.ab | unchanged |  |  |  |", "| towers.a | changed |  |  |  |", "| heads.b | unchanged |  |  |  |", "",
            "| part | tensor | before | after | relative change |", "| --- | --- | --- | --- | --- |", "| towers.a | up.weight | float[5,3] | float[5,2] |  |", "",
        ])), errors);
        (exit, output, errors) = await Cli.RunAsync("diff", Folder["model.onnx"], Folder["model.onnx"]);
        Assert.That((exit, output.Split('\n')[0]), Is.EqualTo((0, "The models have the same parts and options.")), errors);
    }

    [Test]
    public async Task InspectDraws()
    {
        var (exit, output, errors) = await Cli.RunAsync("inspect", Folder["text.onnx"], "--svg", Folder["picture.svg"]);
        Assert.That((exit, output), Is.EqualTo((0, $"Wrote {Folder["picture.svg"]}.\n")), errors);
        Assert.That(XDocument.Load(Folder["picture.svg"]).Root!.Value, Does.Contain("logits_b").And.Contain("string[B]"));
        (exit, output, errors) = await Cli.RunAsync("inspect", Folder["model.onnx"], "--mermaid");
        Assert.That((exit, output), Is.EqualTo((0, ModelDiagram.Of(OnnxFile.Load(Folder["model.onnx"])).ToMermaid())), errors);
    }

    [TestCase("an earlier version", "decompose", "old.onnx", "--output", "out")]
    [TestCase("kind 'embedder'", "decompose", "embedder.onnx", "--output", "out")]
    [TestCase("is a file; expected a folder", "decompose", "model.onnx", "--output", "new.onnx")]
    [TestCase("no tower 'b'; there are 'ab', 'a'", "replace", "model.onnx", "b", "new.onnx", "--output", "out")]
    [TestCase("Head 'b' was trained on tower 'ab'", "replace", "model.onnx", "ab", "new.onnx", "--output", "out")]
    [TestCase("kind 'embedder'; expected tower", "replace", "model.onnx", "a", "embedder.onnx", "--output", "out")]
    [TestCase("There is no file", "diff", "model.onnx", "missing.onnx")]
    [TestCase("kind 'composed' and the second of kind 'tower'", "diff", "model.onnx", "new.onnx")]
    [TestCase("plain.onnx': The model has no 'cclm.format'", "diff", "model.onnx", "plain.onnx")]
    [TestCase("plain.onnx': The model has no 'cclm.format'", "replace", "model.onnx", "a", "plain.onnx", "--output", "out")]
    [TestCase("converted to int8", "decompose", "int8.onnx", "--output", "out")]
    public async Task WhatCanNotBeDoneIsSaidInALineAndNothingIsWritten(string reason, params string[] words)
    {
        var before = Directory.GetFileSystemEntries(Folder.Path);
        var (exit, output, errors) = await Cli.RunAsync([.. words.Select((word, i) => i > 0 && (word.Contains('.', StringComparison.Ordinal) || word == "out") ? Folder[word] : word)]);
        Assert.That((exit, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.StartWith("error: ").And.Contain(reason).And.Not.Contain("   at "));
        Assert.That(Folder["out"], Does.Not.Exist);
        Assert.That(before.Where(entry => !Path.Exists(entry)), Is.Empty);
    }
}
