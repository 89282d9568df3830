using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Tags of texts by a model whose answers can be worked out by hand: it says B-X of b, I-X of i, B-Y of y and 😀, I-Y of j, and O of z.</summary>
public sealed class TaggingTests
{
    static readonly TinyModel Tiny = new()
    {
        Characters = "bijyz😀 .\ufffd",
        TagOf = character => character switch { "b" => "B-X", "i" => "I-X", "y" or "😀" => "B-Y", "j" => "I-Y", _ => "O" },
    };

    static readonly TinyModel Short = Tiny with { Options = new() { MaxLength = 9 } };       // 8 characters and CLS

    /// <summary>A span is written as its label, where it begins, its length, and itself.</summary>
    [TestCase("", "")]
    [TestCase(" \r\n\t ", "")]
    [TestCase("zz z.", "")]
    [TestCase("bb", "X 0 2 bb")]
    [TestCase("  zz bb   ii\r\ni z", "X 5 10 bb   ii\r\ni")]
    [TestCase("bb bb yj", "X 0 2 bb|X 3 2 bb|Y 6 2 yj")]
    [TestCase("z😀 zz 😀😀z jjz.", "Y 1 2 😀|Y 7 2 😀|Y 9 2 😀")]
    [TestCase("yyy\u00a0jj", "Y 0 6 yyy\u00a0jj")]
    [TestCase("z iiz", "")]
    [TestCase("b.iz", "X 0 1 b")]
    public void SpansStandWhereTheyAreInTheCallersText(string text, string spans)
    {
        using var model = Tiny.Load();
        var found = model.Tag(text);
        Assert.That(Write(found), Is.EqualTo(spans));
        Assert.That(found.Select(span => text.Substring(span.Start, span.Length)), Is.EqualTo(found.Select(span => span.Text)));
    }

    [Test]
    public void LoneSurrogatesAreCharactersOfTheText()
    {
        using var model = Tiny.Load();
        var text = "\ud83dbb \ude00 yj\ud83d";
        Assert.That(Write(model.Tag(text)), Is.EqualTo("X 1 2 bb|Y 6 2 yj"));
    }

    /// <summary>What is read of a text that is too long: nothing of it, its first 8 characters (with one space between words), or all in pieces.</summary>
    [TestCase("zzz bbb bbb", "X 4 3 bbb", "X 4 3 bbb|X 8 3 bbb")]
    [TestCase("zzz   bb\nbbb", "X 6 2 bb|X 9 3 bbb", "X 6 2 bb|X 9 3 bbb")]
    [TestCase("zzzzz bbi z z z z z z z z b", "X 6 3 bbi", "X 6 3 bbi|X 26 1 b")]
    [TestCase("zz bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb y", "X 3 30 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "X 3 30 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|Y 34 1 y")]
    [TestCase("bbbb iiii iiii iiii iiii iiii z", "X 0 9 bbbb iiii", "X 0 29 bbbb iiii iiii iiii iiii iiii")]
    [TestCase("😀 😀 😀 😀 😀 😀 😀 😀 😀", "Y 0 2 😀|Y 3 2 😀|Y 6 2 😀|Y 9 2 😀", "Y 0 2 😀|Y 3 2 😀|Y 6 2 😀|Y 9 2 😀|Y 12 2 😀|Y 15 2 😀|Y 18 2 😀|Y 21 2 😀|Y 24 2 😀")]
    public void LongTextsAreReadAsIsSaid(string text, string truncated, string chunked)
    {
        using var cuts = Short.Load();
        Assert.That(Write(cuts.Tag(text)), Is.EqualTo(truncated));
        for (var overlap = 0; overlap < 9; overlap++)
        {
            using var joins = Short.Load(new() { LongText = LongText.Chunk, ChunkOverlap = overlap });
            Assert.That(Write(joins.Tag(text)), Is.EqualTo(chunked), $"{overlap} characters in common");
        }
        using var refuses = Short.Load(new() { LongText = LongText.Error });
        Assert.That(() => refuses.Tag(["z", text]), Throws.ArgumentException.With.Message.Contains("Text 1 has").And.Message.Contains("Chunk"));
    }

    [Test]
    public async Task ATextsTagsDoNotDependOnItsBatch([Values] bool readsText, [Values(1, 40, 16_384)] int batchCharacters, [Values] LongText longText, [Values(1, 4)] int factor)
    {
        var tiny = Tiny with { ReadsText = readsText, Options = new() { MaxLength = longText == LongText.Error ? 512 : 12, DownsampleFactor = factor } };
        using var model = tiny.Load(new() { BatchCharacters = batchCharacters, LongText = longText, ChunkOverlap = 3, QueueCharacters = 200 });
        var random = new Random(7);
        string[] texts = [.. Enumerable.Range(0, 60).Select(_ => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => "b i j y z 😀 .".Split(' ').Append(" ").ElementAt(random.Next(8)))))];
        string[] alone = [.. texts.Select(text => Write(model.Tag(text)))];
        Assert.That(alone.Count(spans => spans.Contains('|')), Is.GreaterThan(20));
        Assert.That(model.Tag(texts).Select(Write), Is.EqualTo(alone));
        Assert.That((await model.TagAsync(texts)).Select(Write), Is.EqualTo(alone), "in parts that wait for room");
        Assert.That((await Task.WhenAll(texts.Select(text => OneByOne(model, text)))).Select(Write), Is.EqualTo(alone));
    }

    [Test]
    public async Task WordsThatAreSplitAlreadyHaveATagEach()
    {
        using var model = Tiny.Load();
        var tagged = model.TagWords(["bz..", "i i", "z", "y", "y"]);
        Assert.That(tagged.Tags, Is.EqualTo(new[] { "O", "O", "O", "B-Y", "B-Y" }), "a word of many O is O, and what could go on with it too");
        Assert.That(tagged.Spans.Select(span => (span.Label, span.First, span.Count)), Is.EqualTo(new[] { ("Y", 3, 1), ("Y", 4, 1) }));
        Assert.That((await model.TagWordsAsync([["b", "i"], [], ["z"]])).Select(words => string.Join(' ', words.Tags)), Is.EqualTo(new[] { "B-X I-X", "", "O" }));
        Assert.That((await model.TagWordsAsync(["b", "i"])).Spans, Is.EqualTo(model.TagWords(["b", "i"]).Spans));
        Assert.That(model.Tag([]), Is.Empty);
        Assert.That(await model.TagAsync([]), Is.Empty);
    }

    /// <summary>A character's tag has a logit of 4, the four others 0; a word's log-probabilities are the means of its characters'.</summary>
    [Test]
    public void TheScoreIsTheMeanOfTheWordsProbabilities()
    {
        using var model = Tiny.Load();
        var (one, twoThirds) = (Softmax(4, 0), Softmax(8 / 3.0, 4 / 3.0));
        Assert.That(model.Tag("bb").Single().Score, Is.EqualTo(one).Within(1e-6));
        Assert.That(model.Tag("bbz").Single().Score, Is.EqualTo(twoThirds).Within(1e-6));
        Assert.That(model.Tag("bb iiz i").Single().Score, Is.EqualTo((one + twoThirds + one) / 3).Within(1e-6));

        static double Softmax(double own, double other) => Math.Exp(own) / (Math.Exp(own) + Math.Exp(other) + 3);
    }

    [Test]
    public void WhatCanNotBeAskedIsAnError()
    {
        using var untagged = new TinyModel().Load();
        using var model = Tiny.Load();
        Assert.That(model.Heads.Single().Tags!.Types, Is.EqualTo(new[] { "X", "Y" }));
        Assert.That(() => untagged.Tag("a"), Throws.TypeOf<CclmModelException>().With.Message.Contains("that tags words the model has none"));
        Assert.That(() => model.Tag("a", "other"), Throws.ArgumentException.With.Message.Contains("no head 'other' that tags words; it has 'names'"));
        Assert.That(() => model.Classify("a"), Throws.TypeOf<CclmModelException>().With.Message.Contains("that classifies the model has none. All its heads are 'names'"));
        Assert.That(() => model.Tag(["a", null!]), Throws.ArgumentException.With.Message.Contains("Text 1 is null"));
        Assert.That(() => model.TagAsync(["a", null!]), Throws.ArgumentException.With.Message.Contains("Text 1 is null"));
        Assert.That(() => model.TagWords([["a"], ["b", ""]]), Throws.ArgumentException.With.Message.Contains("Word 1 of sentence 1 is empty"));
        Assert.That(() => model.TagWords([["a", null!]]), Throws.ArgumentException.With.Message.Contains("Word 1 of sentence 0 is null"));
        Assert.That(() => model.TagWords([null!, ["a"]]), Throws.ArgumentException.With.Message.Contains("Sentence 0 is null"));
    }

    [TestCase("\"bio\"", "\"bilou\"", "the scheme of its tags is 'bilou'; expected bio, bioes or iob1")]
    [TestCase("\"bio\"", "\"bioes\"", "its tags are not those of bioes: 'O', 'B-X'")]
    [TestCase("\"B-X\",\"I-X\"", "\"I-X\",\"B-X\"", "its tags are not those of bio")]
    public void TagsThatWereEditedAreFoundWhenTheModelIsLoaded(string there, string edited, string message)
    {
        var tiny = Tiny with { Edit = metadata => metadata["cclm.parts"] = metadata["cclm.parts"].Replace(there, edited, StringComparison.Ordinal) };
        Assert.That(() => tiny.Load(), Throws.TypeOf<CclmModelException>().With.Message.Contains("Head 'names' tags words, but").And.Message.Contains(message));
    }

    [Test]
    public async Task AModelThatIsLoadedMeanwhileAnswers()
    {
        using var folder = new TempFolder();
        using var model = Tiny.Load(new() { LongText = LongText.Chunk });
        var text = "zz yj bb bb z";
        var before = await model.TagAsync(text);
        model.Reload(folder.Write("short.onnx", Short.Bytes()));
        Assert.That(Write(await model.TagAsync(text)), Is.EqualTo(Write(before)));
        model.Reload(folder.Write("without.onnx", new TinyModel().Bytes()));
        Assert.That(() => model.TagAsync(text), Throws.TypeOf<CclmModelException>().With.Message.Contains("has none"));
    }

    static Task<IReadOnlyList<TaggedSpan>> OneByOne(CclmModel model, string text) => Task.Run(async () =>
    {
        while (true)
        {
            try
            {
                return await model.TagAsync(text);
            }
            catch (CclmQueueFullException)
            {
                await Task.Delay(1);
            }
        }
    });

    static string Write(IReadOnlyList<TaggedSpan> spans) => string.Join('|', spans.Select(span => $"{span.Label} {span.Start} {span.Length} {span.Text}"));
}
