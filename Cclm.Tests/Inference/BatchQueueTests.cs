using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Calls that wait for one another: what is run together, by whom, and when the model closes.</summary>
public sealed class BatchQueueTests : BatchQueueFixture
{
    [Test]
    public async Task WhatComesWhileABatchRunsIsTheNextBatch()
    {
        var queue = Queue();
        var held = await HeldAsync(queue);
        var calls = Enumerable.Range(0, 20).Select(i => queue.RunAsync(Call([.. Enumerable.Repeat($"{(char)('a' + (i % 8))}", 1 + (i % 3))]), default)).ToList();
        open.Set();
        await held;
        foreach (var (i, answers) in (await Task.WhenAll(calls)).Index())
        {
            Assert.That(answers, Has.Length.EqualTo(1 + (i % 3)));
            Assert.That(answers[^1], Is.EqualTo(tiny.Embedding($"{(char)('a' + (i % 8))}")).Within(1e-5f));
        }
        Assert.That(runs, Is.EqualTo(2));
        queue.Close();
    }

    [Test]
    public async Task MemoryIsGivenBackOnceAfterEachTimeOfWork()
    {
        var queue = Queue(new() { Threads = 2 }, TimeSpan.FromMilliseconds(20));
        for (var time = 1; time <= 3; time++)
        {
            await queue.RunAsync(Call("abc", "d"), default);
            while (Volatile.Read(ref runs) < 2 * time)
            {
                await Task.Delay(5);
            }
            await Task.Delay(100);
            Assert.That((Volatile.Read(ref runs), queue.BusyFor), Is.EqualTo((2 * time, TimeSpan.Zero)));
        }
        queue.Close();
    }

    [Test]
    public async Task OnlyARunThatTakesLongHasAThreadOfItsOwn()
    {
        var (queue, pooled) = (Queue(), new List<bool>());
        entered = () =>
        {
            pooled.Add(Thread.CurrentThread.IsThreadPoolThread);
            Thread.Sleep(100);          // some hundred ids a second
        };
        await queue.RunAsync(Call("first"), default);
        await queue.RunAsync(Call(""), default);
        await queue.RunAsync(Call(new string('l', 600)), default);
        await queue.RunAsync(Call("a", "list", "of", "texts"), default);
        Assert.That(pooled, Is.EqualTo(new[] { true, true, false, true }));
        queue.Close();
    }

    [Test]
    public void CallersThatBlockEveryThreadOfThePoolAreAnswered()
    {
        var queue = Queue();
        var callers = Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => Task.Run(() => queue.RunAsync(Call("abc"), default).Result)).ToArray();
        Assert.That(Task.WaitAll(callers, TimeSpan.FromSeconds(60)));
        Assert.That(callers.Select(caller => caller.Result[0]), Is.All.EqualTo(tiny.Embedding("abc")).Within(1e-5f));
        queue.Close();
    }

    [Test]
    public async Task ClosingWaitsForWhatRunsAndForWhatWaits()
    {
        var queue = Queue();
        var held = await HeldAsync(queue);
        var next = Task.WhenAll(Enumerable.Range(0, 5).Select(_ => queue.RunAsync(Call("ab"), default)));
        var closing = Task.Run(queue.Close);
        await Task.Delay(50);
        Assert.That((closing.IsCompleted, next.IsCompleted, Volatile.Read(ref runs)), Is.EqualTo((false, false, 1)));
        Assert.That(queue.BusyFor, Is.GreaterThan(TimeSpan.Zero));
        open.Set();
        await Task.WhenAll(closing, held, next);
        Assert.That(runs, Is.EqualTo(2));
    }

    [Test]
    public async Task ClosingEndsWhereWhatWaitedIsCancelled()
    {
        for (var round = 0; round < 50; round++)
        {
            var queue = Queue();
            using var stop = new CancellationTokenSource();
            var call = queue.RunAsync(Call(round % 2 == 0 ? "a" : new string('a', 600)), stop.Token);
            var closing = Task.Run(queue.Close);
            await stop.CancelAsync();
            await Task.WhenAll(closing, Task.WhenAny(call));
            Assert.That(call.IsCompletedSuccessfully || call.IsCanceled);
        }
    }

    [Test]
    public async Task AListThatIsMoreThanABatchRunsOnAllProcessors()
    {
        var queue = Queue(new() { Threads = 3, BatchCharacters = 10 });
        open.Reset();
        var list = queue.RunAsync(Call([.. Enumerable.Repeat("abcd", 20)]), default);
        while (Volatile.Read(ref runs) < 3)
        {
            await Task.Delay(1);
        }
        await Task.Delay(20);
        Assert.That((list.IsCompleted, Volatile.Read(ref runs)), Is.EqualTo((false, 3)));
        open.Set();
        Assert.That(await list, Has.Length.EqualTo(20).And.All.EqualTo(tiny.Embedding("abcd")).Within(1e-5f));
        queue.Close();
    }

    [Test]
    public async Task AsManyBatchesRunAtOnceAsThereAreWorkers()
    {
        var queue = Queue(new() { Threads = 2 });
        var first = await HeldAsync(queue);
        var second = queue.RunAsync(Call("abc"), default);
        while (Volatile.Read(ref runs) < 2)
        {
            await Task.Delay(1);
        }
        var waits = Task.WhenAll(Enumerable.Range(0, 5).Select(_ => queue.RunAsync(Call("de"), default)));
        Assert.That((first.IsCompleted, second.IsCompleted, waits.IsCompleted, Volatile.Read(ref runs)), Is.EqualTo((false, false, false, 2)));
        open.Set();
        await Task.WhenAll(first, second);
        foreach (var answers in await waits)
        {
            Assert.That(answers[0], Is.EqualTo(tiny.Embedding("de")).Within(1e-5f));
        }
        Assert.That(runs, Is.EqualTo(3), "What waited is one batch.");
        queue.Close();
    }

    [Test]
    public async Task ClosingAnswersWhatIsInAndRefusesWhatComes()
    {
        var queue = Queue(new() { Threads = 1, QueueCharacters = 10, BatchDelay = TimeSpan.FromSeconds(1) });
        var held = await HeldAsync(queue);
        var (waits, outside) = (queue.RunAsync(Call("abcdefgh"), default), queue.RunWhenThereIsRoomAsync(Call("abcd"), default));
        var closing = Task.Run(queue.Close);
        while (!outside.IsCompleted)
        {
            await Task.Delay(1);
        }
        Assert.That(async () => await outside, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => queue.RunAsync(Call("a"), default), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(closing.IsCompleted, Is.False);
        open.Set();
        await Task.WhenAll(closing, held, waits);
        Assert.That(queue.BusyFor, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task ARunThatHangsIsSeen()
    {
        var queue = Queue();
        Assert.That(queue.BusyFor, Is.EqualTo(TimeSpan.Zero));
        var held = await HeldAsync(queue);
        await Task.Delay(20);
        Assert.That(queue.BusyFor, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(19)));
        open.Set();
        await held;
        queue.Close();
    }
}
