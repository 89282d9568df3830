using System.Text;
using System.Text.Json;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

public sealed class ComponentTests
{
    static readonly Component Full = ShelfParts.Component() with
    {
        Description = "Topics é 中 😀 of | texts",
        Data = "a corpus",
        Options = JsonDocument.Parse("""{"type":"transformer","options":{"layers":2}}""").RootElement,
        Metrics = new Dictionary<string, double> { ["accuracy"] = 0.1, ["loss"] = 1e-300 },
        Files = [new("tower.onnx", 12, ShelfParts.Hash('d'))],
    };

    [Test]
    public void WhatIsWrittenIsReadBack()
    {
        var json = Full.ToJson();
        Assert.That(Component.Parse(Encoding.UTF8.GetBytes(json)).ToJson(), Is.EqualTo(json));
        Assert.That(json, Does.Contain("\"kind\": \"tower\"").And.Contain("é 中").And.Contain("\"format\": \"cclm.component\"").And.Not.Contain("identifier"));
    }

    static IEnumerable<TestCaseData> Edits()
    {
        static TestCaseData Edit(string from, string to, string expected) => new(from, to, expected);

        yield return Edit("cclm.component", "cclm.preprocessor", "expected 'cclm.component'");
        yield return Edit("\"formatVersion\": 1", "\"formatVersion\": 2", "Update the library");
        yield return Edit("\"tower\"", "\"model\"", "kind");
        yield return Edit("\"tower\"", "2", "kind");
        yield return Edit("\"topic\"", "\"../topic\"", "name '../topic'");
        yield return Edit("\"topic\"", "\"nul\"", "name 'nul'");
        yield return Edit("\"topic\"", "\"Topic\"", "lower-case");
        yield return Edit("\"topic\"", "null", "null at byte");
        yield return Edit("\"path\": \"tower.onnx\",", "", "path");
        yield return Edit("\"files\": [", "\"files\": [ null, ", "null at byte");
        yield return Edit("\"1.0.0\"", "\"1/0\"", "version '1/0'");
        yield return Edit("\"MIT\"", "\" \"", "licence");
        yield return Edit(ShelfParts.Hash('a'), "abc", "64 lower-case hexadecimal");
        yield return Edit(ShelfParts.Hash('b'), ShelfParts.Hash('B'), "in 'weights'");
        yield return Edit(ShelfParts.Hash('c'), "", "in 'parents'");
        yield return Edit($"\"weights\": \"{ShelfParts.Hash('b')}\",", "", "no 'weights'");
        yield return Edit("\"tower.onnx\"", "\"../tower.onnx\"", "no plain relative path");
        yield return Edit("\"tower.onnx\"", "\"/tower.onnx\"", "no plain relative path");
        yield return Edit("\"tower.onnx\"", "\"con.onnx\"", "device on Windows");
        yield return Edit("\"size\": 12", "\"size\": -1", "-1 bytes");
        yield return Edit("\"size\": 12", "\"size\": 1e99", "damaged");
        yield return Edit("0.1", "\"NaN\"", "damaged");
        yield return Edit("\"licence\"", "\"license\"", "license");
        yield return Edit("\"licence\": \"MIT\"", "\"licence\": \"MIT\", \"licence\": \"MIT\"", "licence");
        yield return Edit("\"layers\": 2", "\"layers\": \"\\udc00\"", "no text");
        yield return Edit("\"layers\": 2", $"\"layers\":{new string('[', 64)}{new string(']', 64)}", "depth");
    }

    [TestCaseSource(nameof(Edits))]
    public void WhatCanNotBeIsNamed(string from, string to, string expected)
    {
        var json = Full.ToJson();
        var at = json.IndexOf(from, StringComparison.Ordinal);
        Assert.That(at, Is.Not.Negative, from);
        var edited = json[..at] + to + json[(at + from.Length)..];
        Assert.That(() => Component.Parse(Encoding.UTF8.GetBytes(edited)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }

    [Test]
    public void AFolderIsCheckedFileByFile()
    {
        using var folder = new TempFolder();
        var item = ShelfParts.Item(folder);
        Assert.That(ComponentFolder.Read(item).Files.Select(file => file.Path), Is.EqualTo(new[] { "README.md", "tower.onnx", "tower.safetensors" }));

        Refuses("changed", () => File.WriteAllText(Path.Combine(item, "tower.safetensors"), "tOpic"));
        Refuses("has 6 bytes", () => File.WriteAllText(Path.Combine(item, "tower.safetensors"), "topic!"));
        Refuses("missing", () => File.Delete(Path.Combine(item, "tower.safetensors")));
        File.WriteAllText(Path.Combine(item, "tower.safetensors"), "topic");
        Refuses("does not list", () => File.WriteAllText(Path.Combine(item, "more"), ""));
        Refuses("component.json", () => File.Delete(Path.Combine(item, "component.json")));

        void Refuses(string expected, Action change)
        {
            change();
            Assert.That(() => ComponentFolder.Read(item), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
        }
    }

    [Test]
    public void TheCardSaysWhatTheComponentSays()
    {
        using var folder = new TempFolder();
        ComponentFolder.Seal(folder.Path, Full with { Files = [] });
        var card = File.ReadAllText(folder["README.md"]);
        Assert.That(card, Does.StartWith("# topic 1.0.0\n\nTopics é 中 😀 of | texts\n"));
        foreach (var line in (string[])["| Licence | MIT |", "| Trained on | a corpus |", $"| Stands on | embedder `{ShelfParts.Hash('c')}` |", "| accuracy | 0.1 |", "cclm shelf fetch topic-1.0.0 --kind tower"])
        {
            Assert.That(card, Does.Contain(line));
        }
    }

    [Test]
    public void ATowerOfAnotherEmbedderOrVocabularyIsRefusedByBothHashes()
    {
        var embedder = new ShelfItem(ShelfParts.Component("base", kind: ComponentKind.Embedder, weights: ShelfParts.Hash('c'), parents: []), "");
        var tower = new ShelfItem(ShelfParts.Component(), "");
        Assert.That(() => tower.EnsureStandsOn(embedder), Throws.Nothing);

        var other = embedder with { Component = embedder.Component with { Weights = ShelfParts.Hash('e') } };
        Assert.That(() => tower.EnsureStandsOn(other), Throws.TypeOf<InvalidDataException>().With.Message.Contains(ShelfParts.Hash('c')).And.Message.Contains(ShelfParts.Hash('e'))
            .And.Message.Contains("'topic-1.0.0'").And.Message.Contains("'base-1.0.0'"));
        var foreign = embedder with { Component = embedder.Component with { Vocabulary = ShelfParts.Hash('f') } };
        Assert.That(() => tower.EnsureStandsOn(foreign), Throws.TypeOf<InvalidDataException>().With.Message.Contains(ShelfParts.Hash('a')).And.Message.Contains(ShelfParts.Hash('f')));
    }
}
