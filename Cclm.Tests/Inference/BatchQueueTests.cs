using System.Diagnostics;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Calls that wait for one another: what is run together, what is refused, and what is taken back.</summary>
public sealed class BatchQueueTests
{
    readonly TinyModel tiny = new();
    readonly ManualResetEventSlim open = new(true);
    LoadedModel model = null!;
    Action entered = () => { };
    int runs;

    [SetUp]
    public void Load()
    {
        model = ModelLoader.Load("tiny", settings => new(tiny.Bytes(), settings), new(), null);
        (runs, entered) = (0, () => { });
        open.Set();
    }

    [TearDown]
    public void Free() => model.Dispose();

    /// <summary>A queue whose batches begin when they are let.</summary>
    BatchQueue Queue(CclmModelOptions? options = null, TimeSpan? rest = null) => new(Resolved(options), () =>
    {
        Interlocked.Increment(ref runs);
        entered();
        open.Wait();
        Assert.That(model.Gate.TryEnter());
        return new(model);
    }, rest);

    static CclmModelOptions Resolved(CclmModelOptions? options) => (options ?? new() { Threads = 1 }).For(ExecutionProvider.Cpu);

    PendingCall<float[]> Call(params string[] texts) => new(texts, contract => Readings.Vectors(contract, null), model.Contract, Readings.Vectors(model.Contract, null));

    /// <summary>A call that is inside the model and stays there.</summary>
    async Task<Task<float[][]>> HeldAsync(BatchQueue queue)
    {
        open.Reset();
        var held = queue.RunAsync(Call("held"), default);
        while (Volatile.Read(ref runs) == 0)
        {
            Assert.That(held.IsCompleted, Is.False);
            await Task.Delay(1);
        }
        return held;
    }

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
    public async Task AFullQueueRefusesAtOnceAndForgetsNothing()
    {
        var queue = Queue(new() { Threads = 1, QueueCharacters = 10 });
        var held = await HeldAsync(queue);
        var inTime = queue.RunAsync(Call("abcd", "abc"), default);      // 5 and 4 ids, CLS among them
        var refused = (await Assert.ThrowsAsync<CclmQueueFullException>(() => queue.RunAsync(Call("ab"), default)))!;
        Assert.That(refused.Message, Does.Contain("9 characters wait").And.Contain("3 more").And.Contain("at most 10").And.Contain("QueueCharacters"));
        Assert.That(refused.RetryAfter, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        var fits = queue.RunAsync(Call(""), default);
        open.Set();
        await Task.WhenAll(held, inTime, fits);
        Assert.That(await queue.RunAsync(Call("ab"), default), Has.Length.EqualTo(1), "There is room again.");
        queue.Close();
    }

    [Test]
    public async Task AStreamWaitsForRoom()
    {
        var queue = Queue(new() { Threads = 1, QueueCharacters = 10 });
        var held = await HeldAsync(queue);
        var first = queue.RunAsync(Call("abcdefgh"), default);
        var waiting = queue.RunWhenThereIsRoomAsync(Call("abc"), default);
        using var stop = new CancellationTokenSource();
        var given = queue.RunWhenThereIsRoomAsync(Call("abc"), stop.Token);
        await stop.CancelAsync();
        Assert.That(async () => await given, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(waiting.IsCompleted, Is.False);
        open.Set();
        await Task.WhenAll(held, first);
        Assert.That((await waiting)[0], Is.EqualTo(tiny.Embedding("abc")).Within(1e-5f));
        queue.Close();
    }

    [Test]
    public async Task WhatIsCancelledIsTakenBackBeforeItIsRun()
    {
        var queue = Queue();
        var held = await HeldAsync(queue);
        using var stop = new CancellationTokenSource();
        var cancelled = queue.RunAsync(Call("a", "b"), stop.Token);
        await stop.CancelAsync();
        Assert.That(async () => await cancelled, Throws.InstanceOf<OperationCanceledException>(), "At once, while the batch before it still runs.");
        open.Set();
        await held;
        queue.Close();
        Assert.That(runs, Is.EqualTo(1), "It cost no run.");
    }

    [Test]
    public async Task WhatWaitedTooLongIsNotRun()
    {
        var queue = Queue(new() { Threads = 1, QueueTimeout = TimeSpan.FromSeconds(1) });
        var held = await HeldAsync(queue);
        var late = queue.RunAsync(Call("a", "b"), default);
        await Task.Delay(1_100);
        open.Set();
        await held;
        Assert.That(async () => await late, Throws.TypeOf<TimeoutException>().With.Message.Contains("QueueTimeout"));
        queue.Close();
        Assert.That(runs, Is.EqualTo(1), "It cost no run.");
    }

    [Test]
    public async Task WhatWaitedTooLongFailsWhileABatchStillRuns()
    {
        var queue = Queue(new() { Threads = 1, QueueCharacters = 10, QueueTimeout = TimeSpan.FromSeconds(1) });
        var held = await HeldAsync(queue);
        var (late, behind) = (queue.RunAsync(Call("abcdefgh"), default), queue.RunWhenThereIsRoomAsync(Call("abcdefgh"), default));
        foreach (var call in new[] { late, behind })
        {
            Assert.That(async () => await call.WaitAsync(TimeSpan.FromSeconds(20)), Throws.TypeOf<TimeoutException>().With.Message.Contains("QueueTimeout"));
        }
        open.Set();
        await held;
        queue.Close();
        Assert.That(runs, Is.EqualTo(1), "It cost no run.");
    }

    [Test]
    public async Task ToWaitForRoomIsNotToWaitForTheModel()
    {
        var queue = Queue(new() { Threads = 1, QueueCharacters = 10 });
        var held = await HeldAsync(queue);
        var (first, call) = (queue.RunAsync(Call("abcdefgh"), default), Call("abcdefgh"));
        var waiting = queue.RunWhenThereIsRoomAsync(call, default);
        var before = Stopwatch.GetTimestamp();
        open.Set();
        await Task.WhenAll(held, first, waiting);
        Assert.That(call.Came, Is.GreaterThan(before));
        queue.Close();
    }

    [Test]
    public async Task ATextThatCannotBeAnsweredFailsItsOwnCallAlone()
    {
        var poisoned = new TinyModel { Poisoned = "c" };
        model.Dispose();
        model = ModelLoader.Load("tiny", settings => new(poisoned.Bytes(), settings), new(), null);
        var queue = Queue();
        var held = await HeldAsync(queue);
        var (good, bad, other) = (queue.RunAsync(Call("a", "b"), default), queue.RunAsync(Call("a", "c", new string('d', 300)), default), queue.RunAsync(Call("d"), default));
        open.Set();
        await Task.WhenAll(held, good, other);
        Assert.That(async () => await bad, Throws.TypeOf<CclmModelException>().With.Message.Contains("text 1"));
        Assert.That((await good)[1], Is.EqualTo(poisoned.Embedding("b")).Within(1e-5f));
        queue.Close();
        Assert.That(runs, Is.EqualTo(2), "The rest of the call that failed cost no run.");
    }

    [Test]
    public async Task WhatWaitsTogetherIsAnsweredByEachCallsHeadOfTheNewModel()
    {
        model.Dispose();
        model = Head("mood");
        var queue = Queue();
        var held = await HeldAsync(queue);
        var old = model;
        var (byNone, byName) = (Ask(null), Ask("mood"));
        model = Head("topic");
        var byNew = Ask("topic");
        open.Set();
        await held;
        Assert.That((await byNone)[0], Is.EqualTo((await byNew)[0]));
        Assert.That((await byNew)[0][0].Label, Does.StartWith("topic"));
        Assert.That(async () => await byName, Throws.ArgumentException.With.Message.Contains("no head 'mood'"));
        queue.Close();
        old.Dispose();

        Task<IReadOnlyList<LabelProbability>[]> Ask(string? name)
        {
            var contract = model.Contract;
            return queue.RunAsync(new PendingCall<IReadOnlyList<LabelProbability>>(["abc"], now => Readings.Labels(now, name), contract, Readings.Labels(contract, name)), default);
        }

        static LoadedModel Head(string only) => ModelLoader.Load("tiny", settings => new(new TinyModel { Classifier = only }.Bytes(), settings), new(), null);
    }

    [Test]
    public async Task ARunThatFailsFailsItsCallsAndTheNextIsAnswered()
    {
        var fails = true;
        var queue = new BatchQueue(Resolved(null), () => fails ? throw new InvalidOperationException("no device") : model.Gate.TryEnter() ? new(model) : default);
        Assert.That(() => queue.RunAsync(Call("a"), default), Throws.InvalidOperationException.With.Message.EqualTo("no device"));
        fails = false;
        Assert.That((await queue.RunAsync(Call("a"), default))[0], Is.EqualTo(tiny.Embedding("a")).Within(1e-5f));
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
