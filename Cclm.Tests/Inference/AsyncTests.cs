using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Many callers at once get their own answers, whatever happens around them.</summary>
public sealed class AsyncTests
{
    readonly TinyModel tiny = new();

    [Test]
    public async Task EachOfManyCallersGetsItsOwnAnswers([Values] bool readsText, [Values(1, 64, 16_384)] int batchCharacters)
    {
        using var model = (tiny with { ReadsText = readsText }).Load(new() { BatchCharacters = batchCharacters, Threads = 1 });
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var round = 0; round < 5; round++)
            {
                string[] texts = [.. Enumerable.Range(0, random.Next(6)).Select(_ => TinyModel.Text(random))];
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
