using System.Diagnostics;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Calls that the queue refuses, takes back, lets wait for too long, or fails: each by itself.</summary>
public sealed class BatchQueueLimitTests : BatchQueueFixture
{
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
}
