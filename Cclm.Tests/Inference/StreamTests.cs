using System.Runtime.CompilerServices;
using System.Threading.Channels;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Streams of texts are answered as they come, in their order, and leave nothing behind.</summary>
public sealed class StreamTests
{
    readonly TinyModel tiny = new();

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
                texts.Add(TinyModel.Text(random));
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
}
