using Cclm.Inference;
using Cclm.Tests.App;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

/// <summary>An index comes from anywhere, as the items do that it lists.</summary>
public sealed class ShelfIndexTests
{
    TempFolder folder = null!;
    Shelf shelf = null!;

    [SetUp]
    public async Task Publish()
    {
        folder = new();
        shelf = new(ShelfParts.Options(folder["shelf"], folder["cache"]));
        await shelf.PublishAsync([ShelfParts.Item(folder)], "v1");
    }

    [TearDown]
    public void DeleteFolder()
    {
        shelf.Dispose();
        folder.Dispose();
    }

    static IEnumerable<TestCaseData> Edits()
    {
        static TestCaseData Edit(string from, string to, string expected) => new TestCaseData(from, to, expected).SetArgDisplayNames(expected);

        yield return Edit(ShelfParts.Hash('a'), "abc", "'abc' in 'vocabulary'");
        yield return Edit(ShelfParts.Hash('b'), ShelfParts.Hash('B'), "in 'weights'");
        yield return Edit(ShelfParts.Hash('c'), "", "'' in 'parents'");
        yield return Edit("\"sha256\": \"", "\"sha256\": \"0", "in 'sha256'");
        yield return Edit("\"weights\": \"" + ShelfParts.Hash('b') + "\",", "", "no 'weights'");
        yield return Edit("\"size\": ", "\"size\": -", "has -");
        yield return Edit("\"MIT\"", "\" \"", "no licence");
        yield return Edit("\"MIT\"", $"\"{new string('x', 100_001)}\"", "expected at most");
        yield return Edit("\"MIT\"", $"\"MIT\", \"description\": \"{new string('x', 100_001)}\"", "has a text of");
        yield return Edit("\"topic-1.0.0\"", "\"../topic-1.0.0\"", "no item's identifier");
    }

    [TestCaseSource(nameof(Edits))]
    public void WhatCanNotBeIsNamed(string from, string to, string expected)
    {
        Replace(from, to);
        Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("index can not be read").And.Message.Contains(expected));
    }

    [Test]
    public async Task WhatWouldActOnATerminalIsShown()
    {
        Replace("\"MIT\"", "\"\\u001b[8m\", \"description\": \"a\\u009bb\\u0007\"");
        var (exit, output, errors) = await Cli.RunAsync(["shelf", "list", "--shelf", folder["shelf"], "--tag", "v1", "--cache", folder["cache"]]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("␛").And.Contain("␇").And.Not.Contain("\u001b").And.Not.Contain("\u009b").And.Not.Contain("\u0007"));
    }

    void Replace(string from, string to)
    {
        var file = folder["shelf/v1/index/index.json"];
        var index = File.ReadAllText(file);
        Assert.That(index, Does.Contain(from));
        File.WriteAllText(file, index.Replace(from, to, StringComparison.Ordinal));
    }
}
