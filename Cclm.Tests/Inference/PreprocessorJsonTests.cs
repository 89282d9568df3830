using System.Text.Json.Nodes;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

public class PreprocessorJsonTests
{
    [TestCase("abc", 512, 1, true)]
    [TestCase("", 7, 7, false)]
    [TestCase("\0\"\\\u007F\u00E9\u202E\uFFFD\uFFFF😀\U0010FFFF", 100, 3, true)]
    public void EveryOptionAndCharacterSurvives(string characters, int maxLength, int factor, bool cls)
    {
        var saved = new Preprocessor(Vocabulary.Fit([characters]), new() { MaxLength = maxLength, DownsampleFactor = factor, AddCls = cls });

        var loaded = Preprocessor.FromJson(saved.ToJson());

        Assert.That(loaded.Options, Is.EqualTo(saved.Options));
        Assert.That(loaded.Vocabulary.Characters, Is.EqualTo(saved.Vocabulary.Characters));
        Assert.That(loaded.Vocabulary.Hash, Is.EqualTo(saved.Vocabulary.Hash));
        Assert.That(loaded.ToJson(), Is.EqualTo(saved.ToJson()));
    }

    [Test]
    public void TheDocumentNamesEveryOption()
    {
        var names = JsonNode.Parse(new Preprocessor(Vocabulary.Fit([])).ToJson())!.AsObject().Select(field => field.Key);

        var options = typeof(PreprocessorOptions).GetProperties().Where(property => property.SetMethod is { IsPublic: true })
            .Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]);
        Assert.That(names, Is.EquivalentTo(options.Concat(["format", "version", "characters"])));
    }

    [Test]
    public void AFileIsMadeWithItsFolderAndReadBack()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "deep", "er", "preprocessor.json");
        var preprocessor = new Preprocessor(Vocabulary.Fit(["héllo"]), new() { MaxLength = 9 });

        preprocessor.Save(path);

        Assert.That(Preprocessor.Load(path).ToJson(), Is.EqualTo(preprocessor.ToJson()));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Is.EqualTo(new[] { path }));
    }

    [TestCase("", "damaged")]
    [TestCase("null", "expected 'cclm.preprocessor'")]
    [TestCase("[1,2]", "damaged")]
    [TestCase("{}", "format")]
    [TestCase("{\"format\":\"cclm.preprocessor\"", "damaged")]
    public void WhatIsNoDocumentIsAnError(string json, string message) =>
        Assert.That(() => Preprocessor.FromJson(json), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    [TestCase("format", "\"onnx\"", "format is 'onnx'; expected 'cclm.preprocessor'")]
    [TestCase("version", "2", "version is 2; this library reads 1")]
    [TestCase("version", "\"1\"", "damaged")]
    [TestCase("maxLength", "-1", "MaxLength is -1")]
    [TestCase("maxLength", "0", "MaxLength is 0")]
    [TestCase("maxLength", "1.5", "maxLength")]
    [TestCase("maxLength", "null", "maxLength")]
    [TestCase("maxLength", "9999999999", "maxLength")]
    [TestCase("downsampleFactor", "0", "DownsampleFactor is 0")]
    [TestCase("downsampleFactor", "1000", "expected at least DownsampleFactor, which is 1000")]
    [TestCase("addCls", "1", "addCls")]
    [TestCase("characters", "\"aab\"", "U+0061 at 1 follows U+0061")]
    [TestCase("characters", "\"abdc\"", "U+0063 at 3 follows U+0064")]
    [TestCase("characters", "\"a\\ud800b\"", "damaged")]
    [TestCase("characters", "null", "characters")]
    [TestCase("characters", "[\"a\"]", "characters")]
    [TestCase("extra", "1", "extra")]
    public void AFieldThatCannotBeIsAnError(string field, string value, string message)
    {
        var document = Document();
        document[field] = "PLACE";
        var json = document.ToJsonString().Replace("\"PLACE\"", value, StringComparison.Ordinal);

        Assert.That(() => Preprocessor.FromJson(json), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }

    [Test]
    public void AMissingFieldIsAnErrorThatNamesIt([Values("format", "version", "maxLength", "downsampleFactor", "addCls", "characters")] string field)
    {
        var document = Document();
        document.Remove(field);

        Assert.That(() => Preprocessor.FromJson(document.ToJsonString()), Throws.TypeOf<InvalidDataException>().With.Message.Contains(field));
    }

    [Test]
    public void AFieldGivenTwiceIsAnError()
    {
        var json = Document().ToJsonString().Replace("\"addCls\":true", "\"addCls\":true,\"addCls\":false", StringComparison.Ordinal);

        Assert.That(() => Preprocessor.FromJson(json), Throws.TypeOf<InvalidDataException>().With.Message.Contains("addCls"));
    }

    [Test]
    public void AnErrorInAFileNamesTheFile()
    {
        using var folder = new TempFolder();
        var path = folder.Write("broken.json", "{");

        Assert.That(() => Preprocessor.Load(path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("broken.json"));
        Assert.That(() => Preprocessor.Load(folder["none.json"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none.json"));
    }

    static JsonObject Document() => JsonNode.Parse(new Preprocessor(Vocabulary.Fit(["abc"])).ToJson())!.AsObject();
}
