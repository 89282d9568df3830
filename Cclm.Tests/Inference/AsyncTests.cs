using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Many callers at once get their own answers, whatever happens around them.</summary>
public sealed class AsyncTests
{
    readonly TinyModel tiny = new();

    static string Text(Random random) => new((char)('a' + random.Next(8)), random.Next(40));

    [Test]
    public async Task EachOfManyCallersGetsItsOwnAnswers([Values] bool readsText, [Values(1, 64, 16_384)] int batchCharacters)
    {
        using var model = (tiny with { ReadsText = readsText }).Load(new() { BatchCharacters = batchCharacters, Threads = 1 });
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var round = 0; round < 5; round++)
            {
                string[] texts = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Text(random))];
                string? tower = new string?[] { null, "left", "right" }[random.Next(3)];
                using var stop = new CancellationTokenSource();
                var call = model.EmbedAsync(texts, tower, stop.Token);
                if (random.Next(4) == 0)
                {
                    await stop.CancelAsync();
                }
                try
                {
                    var vectors = await call;
                    Assert.That(vectors, Has.Length.EqualTo(texts.Length));
                    foreach (var (vector, text) in vectors.Zip(texts))
                    {
                        var whole = tiny.Embedding(text);
                        Assert.That(vector, Is.EqualTo(tower switch { "right" => whole[..3], "left" => whole[3..], _ => whole }).Within(1e-5f));
                    }
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    // as was asked
                }
            }
        })));
    }

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
                var text = Text(random);
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
        string[] texts = ["a", Long, new('h', 40), "b"];
        var answers = await model.EmbedAsync(new Reloading(model, path, texts));
        Assert.That(answers.Zip(texts).Select(pair => pair.First[1]), Is.EqualTo(texts.Select(text => expected.Embed(text)[1])).Within(1e-5f));
        if (before > after)
        {
            Assert.That(async () => await refusing.EmbedAsync(new Reloading(refusing, path, new string('a', 12))), Throws.ArgumentException.With.Message.Contains("Text 0 has 12 characters; the model reads 9"));
        }
    }

    [Test]
    public async Task AStreamComesInItsOrderAndIsReadNoFurtherThanNeeded([Values(1, 50, 1_000)] int batchCharacters, [Values(0, 1, 777)] int count)
    {
        using var model = tiny.Load(new() { BatchCharacters = batchCharacters, QueueCharacters = 100 });
        var (random, texts, read) = (new Random(3), new List<string>(), 0);
        var given = 0;
        await foreach (var vector in model.EmbedAsync(Texts()))
        {
            Assert.That(vector, Is.EqualTo(tiny.Embedding(texts[given++])).Within(1e-5f));
            Assert.That(texts.Skip(given).Sum(text => text.Length + 1), Is.LessThanOrEqualTo(5 * (batchCharacters + 41)));
        }
        Assert.That((given, read), Is.EqualTo((count, count)));

        async IAsyncEnumerable<string> Texts()
        {
            for (; read < count; read++)
            {
                texts.Add(Text(random));
                if (read % 100 == 7)
                {
                    await Task.Yield();
                }
                yield return texts[^1];
            }
        }
    }

    [Test]
    public async Task AStreamThatIsLeftOrFailsLeavesNothingBehind()
    {
        using var model = tiny.Load(new() { BatchCharacters = 10 });
        var disposed = 0;
        await foreach (var _ in model.EmbedAsync(Texts(fails: false)))
        {
            break;
        }
        Assert.That(async () =>
        {
            await foreach (var _ in model.EmbedAsync(Texts(fails: true)))
            {
                // until it fails
            }
        }, Throws.InvalidOperationException.With.Message.EqualTo("the source is gone"));
        using var stop = new CancellationTokenSource();
        Assert.That(async () =>
        {
            await foreach (var _ in model.EmbedAsync(Texts(fails: false), cancellationToken: stop.Token))
            {
                await stop.CancelAsync();
            }
        }, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(disposed, Is.EqualTo(3));
        Assert.That(await model.EmbedAsync("a"), Is.EqualTo(tiny.Embedding("a")).Within(1e-5f));

        async IAsyncEnumerable<string> Texts(bool fails)
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    await Task.Yield();
                    yield return fails && i == 20 ? throw new InvalidOperationException("the source is gone") : "abc";
                }
            }
            finally
            {
                disposed++;
            }
        }
    }

    [Test]
    public async Task AStreamIsAnsweredAsItComes()
    {
        using var model = tiny.Load();
        using var hang = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var texts = Channel.CreateUnbounded<string>();
        await texts.Writer.WriteAsync("a");
        var given = 0;
        await foreach (var vector in model.EmbedAsync(texts.Reader.ReadAllAsync(), cancellationToken: hang.Token))
        {
            Assert.That(vector, Is.EqualTo(tiny.Embedding(new string('a', ++given))).Within(1e-5f));
            if (given == 5)
            {
                texts.Writer.Complete();
            }
            else
            {
                await texts.Writer.WriteAsync(new string('a', given + 1));      // who asks writes the next text when the answer to the one before has come
            }
        }
        Assert.That(given, Is.EqualTo(5));
    }

    [Test]
    public async Task AStreamWhoseSourceWaitsCanBeLeftAndCancelledAndCanFail()
    {
        using var model = tiny.Load();
        using var hang = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (answered, disposed) = (new TaskCompletionSource(), 0);
        await foreach (var _ in model.EmbedAsync(Texts(fails: false), cancellationToken: hang.Token))
        {
            break;
        }
        Assert.That(disposed, Is.EqualTo(1), "left");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(hang.Token);
        Assert.That(async () =>
        {
            await foreach (var _ in model.EmbedAsync(Texts(fails: false), cancellationToken: stop.Token))
            {
                await stop.CancelAsync();
            }
        }, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((disposed, hang.IsCancellationRequested), Is.EqualTo((2, false)), "cancelled");
        Assert.That(async () =>
        {
            await foreach (var _ in model.EmbedAsync(Texts(fails: true), cancellationToken: hang.Token))
            {
                answered.SetResult();
            }
        }, Throws.InvalidOperationException.With.Message.EqualTo("the source is gone"));
        Assert.That(disposed, Is.EqualTo(3), "failed");
        Assert.That(await model.EmbedAsync("a"), Is.EqualTo(tiny.Embedding("a")).Within(1e-5f));

        async IAsyncEnumerable<string> Texts(bool fails, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            try
            {
                yield return "abc";
                await (fails ? answered.Task.WaitAsync(cancellation) : Task.Delay(Timeout.Infinite, cancellation));
                throw new InvalidOperationException("the source is gone");
            }
            finally
            {
                await Task.Yield();
                disposed++;
            }
        }
    }

    [Test]
    public async Task AListThatIsLongerThanTheQueueIsRunInParts()
    {
        using var model = tiny.Load(new() { BatchCharacters = 20, QueueCharacters = 50 });
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 8)), i % 17))];
        var vectors = await model.EmbedAsync(texts);
        Assert.That(vectors.Zip(texts).Select(pair => pair.First[1]), Is.EqualTo(texts.Select(text => tiny.Embedding(text)[1])).Within(1e-5f));
    }

    static readonly string Long = string.Concat(Enumerable.Range(0, 25).Select(i => "abcdefgh"[i % 8]));      // read 9 at a time

    [Test]
    public void ALongTextIsCutOrRefusedOrReadInPieces()
    {
        var small = tiny with { Options = new() { MaxLength = 10 } };
        using CclmModel cut = small.Load(), refusing = small.Load(new() { LongText = LongText.Error }), chunked = small.Load(new() { LongText = LongText.Chunk, ChunkOverlap = 3 });
        Assert.That(cut.Embed(Long), Is.EqualTo(small.Embedding(Long[..9])).Within(1e-5f));
        Assert.That(() => refusing.Embed([Long[..9], Long]), Throws.ArgumentException.With.Message.Contains("Text 1 has 25 characters; the model reads 9").And.Message.Not.Contains("abc"));
        Assert.That(() => refusing.EmbedAsync(Long), Throws.ArgumentException);
        Assert.That(refusing.Embed(Long[..9]), Is.EqualTo(small.Embedding(Long[..9])).Within(1e-5f));

        (int Start, int End, int New)[] pieces = [(0, 9, 9), (6, 15, 6), (12, 21, 6), (18, 25, 4)];
        var expected = Enumerable.Range(0, TinyModel.Width).Select(i => pieces.Sum(piece => small.Embedding(Long[piece.Start..piece.End])[i] * piece.New / 25f)).ToArray();
        Assert.That(chunked.Embed(["a", Long, "b"])[1], Is.EqualTo(expected).Within(1e-5f));
        Assert.That(chunked.Embed(["a", Long, "b"])[2], Is.EqualTo(small.Embedding("b")).Within(1e-5f));
        Assert.That(chunked.EmbedAsync([Long, "b"]).Result[0], Is.EqualTo(expected).Within(1e-5f));
        Assert.That(chunked.Embed(Long[..9]), Is.EqualTo(small.Embedding(Long[..9])).Within(1e-5f), "What fits is in one piece.");
    }

    [Test]
    public async Task ALongTextIsReported([Values] LongText mode)
    {
        using var model = (tiny with { Options = new() { MaxLength = 10 } }).Load(new() { LongText = mode });
        var generator = model.AsEmbeddingGenerator();
        if (mode == LongText.Error)
        {
            Assert.That(() => generator.GenerateAsync([Long]), Throws.ArgumentException);
            return;
        }
        var embeddings = await generator.GenerateAsync(["a", Long]);
        Assert.That(embeddings[0].AdditionalProperties, Is.Null);
        Assert.That(embeddings[1].AdditionalProperties!["longText"], Is.EqualTo($"{mode}"));
    }

    [TestCase("QueueCharacters", 0)]
    [TestCase("ChunkOverlap", -1)]
    [TestCase("LongText", 9)]
    [TestCase("BatchDelay", -1)]
    [TestCase("QueueTimeout", -1)]
    [TestCase("QueueTimeout", 5 * 24 * 3600)]
    public void OptionsOutOfRangeAreErrors(string option, int value)
    {
        CclmModelOptions options = new();
        var property = typeof(CclmModelOptions).GetProperty(option)!;
        property.SetValue(options, property.PropertyType == typeof(TimeSpan) ? TimeSpan.FromSeconds(value) : property.PropertyType.IsEnum ? (LongText)value : value);
        Assert.That(() => tiny.Load(options), Throws.ArgumentException.With.Message.Contains(option));
    }
}
