using System.Collections;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

public class CclmModelConcurrencyTests
{
    [Test]
    public void ManyThreadsEachGetTheirOwnAnswers([Values] bool readsText)
    {
        var tiny = new TinyModel { ReadsText = readsText };
        using var model = tiny.Load(new() { Threads = 2 });

        Parallel.For(0, 400, new() { MaxDegreeOfParallelism = 8 }, i =>
        {
            string[] texts = [.. Enumerable.Range(i, 1 + (i % 5)).Select(n => new string((char)('a' + (n % 8)), n % 13))];
            var vectors = model.Embed(texts);
            for (var t = 0; t < texts.Length; t++)
            {
                Assert.That(vectors[t], Is.EqualTo(tiny.Embedding(texts[t])).Within(1e-5f));
            }
        });
    }

    [Test]
    public void DisposingWaitsForTheCallsInside()
    {
        var tiny = new TinyModel();
        var model = tiny.Load(new() { BatchCharacters = 1 });
        using var inside = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var texts = new WatchedTexts(["a", "b", "c"], _ =>
        {
            inside.Set();
            release.Wait();
        });

        var call = Task.Run(() => model.Embed(texts));
        inside.Wait();
        var disposal = Task.Run(model.Dispose);

        Assert.That(disposal.Wait(TimeSpan.FromMilliseconds(50)), Is.False, "disposed under a running call");
        release.Set();
        Assert.That(call.Result[2], Is.EqualTo(tiny.Embedding("c")).Within(1e-5f));
        disposal.Wait();
        Assert.That(() => model.Embed("a"), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => model.EmbedPositions("a"), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(model.Dispose, Throws.Nothing);
    }

    [Test]
    public void DisposingWhileManyCallsRunGivesAnswersOrSaysSo()
    {
        var tiny = new TinyModel();
        var expected = tiny.Embedding("abc");
        for (var trial = 0; trial < 20; trial++)
        {
            var model = tiny.Load();
            using var started = new CountdownEvent(4);
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
            {
                started.Signal();
                while (true)
                {
                    try
                    {
                        Assert.That(model.Embed("abc"), Is.EqualTo(expected).Within(1e-5f));
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                }
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();

            started.Wait();
            model.Dispose();

            Task.WaitAll(callers);
        }
    }

    [Test]
    public void ACancelledCallStopsWithinItsBatches([Values(1, 2, 7)] int threads)
    {
        using var model = new TinyModel().Load(new() { BatchCharacters = 1, Threads = threads });
        using var source = new CancellationTokenSource();
        var reads = 0;
        var texts = new WatchedTexts(Enumerable.Repeat("a", 100), _ =>
        {
            if (Interlocked.Increment(ref reads) == 203)    // once for null, once for its length, once for its batch: this is the third batch
            {
                source.Cancel();
            }
        });

        Assert.That(() => model.Embed(texts, cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reads, Is.InRange(203, 203 + threads - 1), "each thread can be in a batch when the third is cancelled; none takes another");
        Assert.That(model.Embed("a"), Is.EqualTo(new TinyModel().Embedding("a")).Within(1e-5f), "the model is as good as before");
    }

    [Test]
    public void ACallCancelledBeforeItStartsDoesNothing()
    {
        using var model = new TinyModel().Load();
        var cancelled = new CancellationToken(canceled: true);

        Assert.That(() => model.Embed("a", cancellationToken: cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => model.EmbedPositions("a", cancellationToken: cancelled), Throws.InstanceOf<OperationCanceledException>());
    }

    /// <summary>Says when a text is read.</summary>
    sealed class WatchedTexts(IEnumerable<string> texts, Action<int> read) : IReadOnlyList<string>
    {
        readonly string[] texts = [.. texts];

        public int Count => texts.Length;

        public string this[int index]
        {
            get
            {
                read(index);
                return texts[index];
            }
        }

        public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)texts).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
