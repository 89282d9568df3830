using System.Text;
using System.Text.Json;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

/// <summary>The preprocessor that the original Python package published, as it was published.</summary>
public sealed class PythonItemTests
{
    [Test]
    public async Task TheOriginalsPreprocessorIsFetchedAndEncodesAsItDidThere()
    {
        await using var server = await FileServer.StartAsync(SharedData.Find("shelf"));
        using var folder = new TempFolder();
        using var shelf = new Shelf(ShelfParts.Options($"{server.Url}/{{tag}}/{{item_type}}/{{filename}}", folder["cache"]));

        var item = await shelf.FetchAsync("en_wiki_clm_1", ComponentKind.Preprocessor, "en_wiki_clm_1");

        var preprocessor = Preprocessor.Load(item.PreprocessorFile);
        var original = JsonDocument.Parse(File.ReadAllText(Path.Combine(item.Folder, "cclm_config.json"))).RootElement;
        var ids = original.GetProperty("char_dict").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetInt64());
        Assert.That(ids, Has.Count.EqualTo(331));
        Assert.That(preprocessor.Vocabulary.Count, Is.EqualTo(335));
        Assert.That(preprocessor.Options, Is.EqualTo(new PreprocessorOptions { MaxLength = 256, AddCls = false }));
        Assert.That(item.Component.Vocabulary, Is.EqualTo(preprocessor.Vocabulary.Hash));

        var text = string.Concat(ids.Keys.Take(200));
        Assert.That(preprocessor.Encode([text]).Ids, Is.EqualTo(text.Select(character => ids[$"{character}"])), "The ids of characters are those of the original.");
        Assert.That(preprocessor.Encode([new string('e', 300)]).Length, Is.EqualTo(256));
        Assert.That(preprocessor.Encode(["\U0001F600"]).Ids, Is.EqualTo(new[] { Vocabulary.Unknown }), "An unknown character has an id of its own.");

        var requests = server.Requests;
        Assert.That((await shelf.FetchAsync("en_wiki_clm_1", ComponentKind.Preprocessor, "en_wiki_clm_1")).Folder, Is.EqualTo(item.Folder));
        Assert.That(server.Requests, Is.EqualTo(requests));
    }

    [TestCase("""{"char_dict":{"a":4,"bc":5},"max_example_len":9}""", "one Unicode scalar")]
    [TestCase("""{"char_dict":{"":4},"max_example_len":9}""", "one Unicode scalar")]
    [TestCase("""{"char_dict":{"a":4},"max_example_len":0}""", "MaxLength is 0")]
    [TestCase("""{"char_dict":{"a":4}}""", "max_example_len")]
    [TestCase("""{"char_dict":{"a":4,"a":5},"max_example_len":9}""", "a")]
    [TestCase("""[]""", "original Python package")]
    [TestCase("", "original Python package")]
    public void WhatThePackageCanNotHaveWrittenIsRefused(string config, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["item/cclm_config.json"], config, new UTF8Encoding(false));
        ItemArchive.Pack(folder["item"], folder["shelf/v1/preprocessor/x.tar.gz"]);
        using var shelf = new Shelf(ShelfParts.Options(folder["shelf"], folder["cache"]));
        Assert.That(() => shelf.FetchAsync("x", ComponentKind.Preprocessor, "v1"), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }
}
