using System.Text;
using Cclm.Export;
using Cclm.Inference;
using NUnit.Framework;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class TextInputTests
{
    static readonly string[] Texts =
    [
        "", "a", "abc abc", "The quick brown fox", "Ünïcödé naïve façade", "русский текст", "Ελληνικά", "עברית", "العربية", "हिन्दी", "ภาษาไทย", "한국어", "日本語の文", "中文字符",
        "😀😃 👩‍👩‍👧‍👦 🇩🇪", "e\u0301 o\u0308\u0323", "\u200d\ufe0f", "𐌰𐌱𐌲 𝒳𝓎", "a\0b", "\0", "\ud83d", "\ude00x", "x\ud83dy", "\ufffd", "\t\r\n", "  two  spaces  ", "\ufeffbom", "zzzzzzzzzzzz",
        new('é', 30), string.Concat(Enumerable.Repeat("😀", 30)), string.Concat(Enumerable.Repeat("ab ", 40)),
    ];

    static readonly Vocabulary Vocabulary = Vocabulary.Fit(Texts.Take(28).Where((_, i) => i % 3 != 2));      // some characters stay unknown

    static IEnumerable<TestCaseData> Options() =>
        from length in (int[])[1, 7, 8, 13, 512]
        from factor in (int[])[1, 4]
        from cls in (bool[])[true, false]
        where length >= factor
        select new TestCaseData(new PreprocessorOptions { MaxLength = length, DownsampleFactor = factor, AddCls = cls }).SetArgDisplayNames($"length {length}", $"factor {factor}", $"cls {cls}");

    static (long[] Ids, long[] Shape) Encode(PreprocessorOptions options, params string[] texts)
    {
        var graph = new OnnxGraph("text");
        var encoding = new TextEncoding(string.Concat(Vocabulary.Characters), options.MaxLength, options.DownsampleFactor, options.AddCls);
        graph.Output("ids", TextInput.Encode(graph, graph.Input("text", DataType.String, "B"), encoding), DataType.Int64, "B", "T");
        return OnnxRun.Run<long>(graph.ToModel(), "ids", OnnxRun.Texts("text", texts));
    }

    static void AssertSameAsPreprocessor(PreprocessorOptions options, params string[] texts)
    {
        var expected = new Preprocessor(Vocabulary, options).Encode(texts);
        var (ids, shape) = Encode(options, texts);
        Assert.That(shape, Is.EqualTo((long[])[expected.Rows, expected.Length]));
        Assert.That(ids, Is.EqualTo(expected.Ids));
    }

    [TestCaseSource(nameof(Options))]
    public void IdsAreThoseOfThePreprocessor(PreprocessorOptions options)
    {
        AssertSameAsPreprocessor(options, Texts);
        AssertSameAsPreprocessor(options, [.. Enumerable.Reverse(Texts).Take(5)]);
    }

    [TestCaseSource(nameof(Options))]
    public void EachTextAloneHasItsOwnLength(PreprocessorOptions options)
    {
        foreach (var text in (string[])["", "a", "\0", "\ud83d", "abc", "abcd", "abcdefg", "abcdefgh", Texts[^1]])
        {
            AssertSameAsPreprocessor(options, text);
        }
    }

    [TestCaseSource(nameof(Options))]
    public void ABatchOfEmptyTextsHasALength(PreprocessorOptions options) => AssertSameAsPreprocessor(options, "", "", "");

    [TestCaseSource(nameof(Options))]
    public void RandomTextsOfEveryPlane(PreprocessorOptions options)
    {
        var random = new Random(7);
        string[] texts = [.. Enumerable.Range(0, 300).Select(_ => string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => AnyRune(random))))];
        AssertSameAsPreprocessor(options, texts);

        static Rune AnyRune(Random random)
        {
            var value = random.Next(random.Next(2) == 0 ? 0x250 : 0x110000);
            return Rune.IsValid(value) ? new Rune(value) : new Rune('?');
        }
    }

    [Test]
    public void AModelReadsTextByItsOwnMetadata()
    {
        var embedder = TinyParts.Embedder();
        var ids = Composer.Compose(embedder, [("a", TinyParts.Tower(embedder, 3))], new() { Pooling = new(Pooling.MeanMax) });
        var text = TextInput.Prepend(ids);
        var preprocessor = new Preprocessor(Vocabulary.Fit([TinyParts.Characters]), new() { MaxLength = 7 });
        string[] texts = ["abc", "", "中😀\0", "d eé x abcdef"];
        var batch = preprocessor.Encode(texts);
        foreach (var output in (string[])["hidden", "embedding"])
        {
            var fromIds = OnnxRun.Run<float>(ids, output, OnnxRun.Tensor("ids", batch.Ids, batch.Rows, batch.Length));
            var fromText = OnnxRun.Run<float>(text, output, OnnxRun.Texts("text", texts));
            Assert.That(fromText.Shape, Is.EqualTo(fromIds.Shape));
            Assert.That(fromText.Data, Is.EqualTo(fromIds.Data));
        }
        Assert.That(text.Graph.Input.Select(input => input.Name), Is.EqualTo((string[])["text"]));
        Assert.That(text.Graph.Output, Is.EqualTo(ids.Graph.Output));
        Assert.That(text.MetadataProps.Where(pair => pair.Key != "cclm.part.embedder"), Is.EqualTo(ids.MetadataProps.Where(pair => pair.Key != "cclm.part.embedder")), "another edge feeds the embedder");
        Assert.That(WeightsHash.Of(text), Is.EqualTo(WeightsHash.Of(ids)));
        Assert.That(ModelCheck.Problems(text), Is.Empty);
        OfficialChecker.Check(text);
    }

    [Test]
    public void TheEncodingIsReadFromThePreprocessorsDocument()
    {
        var preprocessor = new Preprocessor(Vocabulary, new() { MaxLength = 33, DownsampleFactor = 2, AddCls = false });
        var model = TinyParts.Embedder();
        ModelProperties.Write(model, [new("cclm.preprocessor", preprocessor.ToJson())]);
        Assert.That(TextEncoding.Of(model), Is.EqualTo(new TextEncoding(string.Concat(Vocabulary.Characters), 33, 2, false)));
    }

    [TestCase(null, "no 'cclm.preprocessor'")]
    [TestCase("{", "damaged or edited")]
    [TestCase("{}", "damaged or edited")]
    [TestCase("""{"format":"cclm.preprocessor","version":1,"characters":"ab","maxLength":"7","downsampleFactor":1,"addCls":true}""", "damaged or edited")]
    [TestCase("""{"format":"cclm.preprocessor","version":1,"characters":"ab","maxLength":1,"downsampleFactor":0,"addCls":true}""", "downsampleFactor 0")]
    [TestCase("""{"format":"cclm.preprocessor","version":1,"characters":"aba","maxLength":7,"downsampleFactor":1,"addCls":true}""", "U+0061 at 2 follows U+0062")]
    public void DamagedMetadataIsAClearError(string? json, string reason)
    {
        var model = TinyParts.Embedder();
        model.MetadataProps.Remove(model.MetadataProps.Single(pair => pair.Key == "cclm.preprocessor"));
        if (json is not null)
        {
            ModelProperties.Write(model, [new("cclm.preprocessor", json)]);
        }
        Assert.That(() => TextInput.Prepend(model), Throws.TypeOf<OnnxModelException>().With.Message.Contains(reason));
    }

    [Test]
    public void AModelThatReadsNoIdsIsRefused() =>
        Assert.That(() => TextInput.Prepend(TextInput.Prepend(TinyParts.Embedder())), Throws.TypeOf<OnnxModelException>().With.Message.Contains("reads 'text'; expected 'ids'"));
}
