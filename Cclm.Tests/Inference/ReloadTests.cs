using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Calls while the model is exchanged for another.</summary>
public sealed class ReloadTests
{
    readonly TinyModel tiny = new();

    [Test]
    public async Task NoCallFailsWhileOtherModelsAreLoaded()
    {
        using var folder = new TempFolder();
        var other = tiny with { Options = new() { MaxLength = 9 } };
        string[] files = [folder.Write("tiny.onnx", tiny.Bytes()), folder.Write("other.onnx", other.Bytes())];
        using var model = CclmModel.Load(files[0]);
        using var over = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var (random, calls) = (new Random(caller), 0);
            while (!over.IsCancellationRequested)
            {
                var text = TinyModel.Text(random);
                var vector = caller % 4 == 0 ? model.Embed(text) : await model.EmbedAsync(text);
                Assert.That(vector, Is.EqualTo(tiny.Embedding(text)).Within(1e-5f).Or.EqualTo(other.Embedding(text)).Within(1e-5f));
                calls++;
            }
            return calls;
        })).ToList();
        for (var i = 1; i <= 20; i++)
        {
            model.Reload(files[i % 2]);
            Assert.That(model.Preprocessor.Options.MaxLength, Is.EqualTo(i % 2 == 1 ? 9 : 512));
            Assert.That((await model.EmbedAsync(new string('a', 30)))[0], Is.EqualTo((i % 2 == 1 ? other : tiny).Embedding(new string('a', 30))[0]).Within(1e-5f), "What is asked after a reload is answered by the new model.");
        }
        Assert.That(() => model.Reload(folder["none.onnx"]), Throws.TypeOf<CclmModelException>().With.Message.Contains("no file"));
        File.WriteAllText(folder["half.onnx"], "half");
        Assert.That(() => model.Reload(folder["half.onnx"]), Throws.TypeOf<CclmModelException>());
        Assert.That((await model.EmbedAsync("abc"))[0], Is.EqualTo(tiny.Embedding("abc")[0]).Within(1e-5f), "What was there stays.");
        await over.CancelAsync();
        Assert.That(await Task.WhenAll(callers), Has.All.GreaterThan(0));
        model.Dispose();
        Assert.That(() => model.Reload(files[0]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => model.EmbedAsync("a"), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task ATowerThatAReloadTakesAwayFailsThatCallAlone()
    {
        using var folder = new TempFolder();
        using var model = tiny.Load();
        var path = folder.Write("renamed.onnx", (tiny with { Edit = metadata => metadata["cclm.parts"] = metadata["cclm.parts"].Replace("\"left\"", "\"renamed\"", StringComparison.Ordinal) }).Bytes());
        model.Reload(path);
        Assert.That(() => model.EmbedAsync("a", "left"), Throws.ArgumentException.With.Message.Contains("'renamed'"));
        Assert.That(await model.EmbedAsync("a", "renamed"), Is.EqualTo(tiny.Embedding("a")[3..]).Within(1e-5f));
    }

    /// <summary>Texts whose first look has a model load another file: what is asked of the old one waits then, and is answered by the new one.</summary>
    sealed class Reloading(CclmModel model, string path, params string[] texts) : IReadOnlyList<string>
    {
        bool reloaded;

        public int Count => texts.Length;

        public string this[int index]
        {
            get
            {
                if (!reloaded)
                {
                    reloaded = true;
                    model.Reload(path);
                }
                return texts[index];
            }
        }

        public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    [Test]
    public async Task WhatWaitsForTheOnlyHeadIsAnsweredByThatOfTheNewModel()
    {
        using var folder = new TempFolder();
        using var model = (tiny with { Classifier = "mood" }).Load();
        var topic = folder.Write("topic.onnx", (tiny with { Classifier = "topic" }).Bytes());
        var answers = await model.ClassifyAsync(new Reloading(model, topic, "abc", "d"));
        Assert.That(answers.Select(answer => answer[0].Label[..5]), Is.EqualTo(new[] { "topic", "topic" }));
        Assert.That(answers[0], Is.EqualTo(model.Classify("abc")));
        var mood = folder.Write("mood.onnx", (tiny with { Classifier = "mood" }).Bytes());
        Assert.That(async () => await model.ClassifyAsync(new Reloading(model, mood, "abc"), "topic"), Throws.ArgumentException.With.Message.Contains("no head 'topic'").And.Message.Contains("'mood'"));
    }

    [Test]
    public async Task WhatWaitsComesWithTheModelThatAnswersAndCanRefuseIt()
    {
        using var folder = new TempFolder();
        using var model = tiny.Load();
        var (before, path) = (model.Contract, folder.Write("other.onnx", (tiny with { Characters = "abc" }).Bytes()));
        Assert.That((await model.EmbedFromAsync(new Reloading(model, path, "abc"), _ => { }, default))[0].From, Is.SameAs(model.Contract).And.Not.SameAs(before));
        var here = model.Contract;
        Assert.That(async () => await model.EmbedFromAsync(new Reloading(model, path, "abc"), Same, default), Throws.ArgumentException.With.Message.EqualTo("another"));

        void Same(ModelContract contract)
        {
            if (contract != here)
            {
                throw new ArgumentException("another");
            }
        }
    }

    [TestCase(16, 10, 262_144)]
    [TestCase(10, 16, 262_144)]
    [TestCase(512, 10, 262_144)]
    [TestCase(16, 10, 20)]      // in parts
    public async Task ALongTextThatWaitsIsReadAsTheNewModelReadsIt(int before, int after, int queue)
    {
        using var folder = new TempFolder();
        var (old, next) = (tiny with { Options = new() { MaxLength = before } }, tiny with { Options = new() { MaxLength = after } });
        var path = folder.Write("next.onnx", next.Bytes());
        CclmModelOptions options = new() { LongText = LongText.Chunk, ChunkOverlap = 3, QueueCharacters = queue };
        using CclmModel model = old.Load(options), refusing = old.Load(new() { LongText = LongText.Error, QueueCharacters = queue }), expected = next.Load(options);
        string[] texts = ["a", string.Concat(Enumerable.Repeat("abcdefgh", 3)), new('h', 40), "b"];
        var answers = await model.EmbedAsync(new Reloading(model, path, texts));
        Assert.That(answers.Zip(texts).Select(pair => pair.First[1]), Is.EqualTo(texts.Select(text => expected.Embed(text)[1])).Within(1e-5f));
        if (before > after)
        {
            Assert.That(async () => await refusing.EmbedAsync(new Reloading(refusing, path, new string('a', 12))), Throws.ArgumentException.With.Message.Contains("Text 0 has 12 characters; the model reads 9"));
        }
    }
}
