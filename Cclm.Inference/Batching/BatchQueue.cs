using System.Diagnostics;

namespace Cclm.Inference;

/// <summary>Gathers the texts of all calls into batches and runs them on threads of its own.</summary>
/// <remarks>
/// While batches run, those that come wait; then as many of about one length as fit are the next batch. A text that finds
/// a thread idle is run at once. Threads are made when there is something to do for them, and sleep where there is not; after a
/// while of that the memory of the largest batches is given back. To wake one, and then the caller, takes longer than to run a
/// short text, so a short text that need not wait is left to the thread pool: a caller that awaits its answer is on a thread
/// of that, which is free now, runs the text and goes on with the answer.
/// </remarks>
/// <param name="options">How texts are gathered.</param>
/// <param name="enter">Goes into the model.</param>
/// <param name="rest">How long there is nothing to do before memory is given back; null for five seconds.</param>
sealed class BatchQueue(CclmModelOptions options, Func<LoadedCall> enter, TimeSpan? rest = null)
{
    const int ShortText = 256;          // ids; a thread of the pool is not to be kept for long

    static readonly List<PendingText> Nothing = [];

    readonly TimeSpan rest = rest ?? TimeSpan.FromSeconds(5);
    readonly object state = new();      // a Monitor, for its Wait
    readonly PendingTexts pending = new();
    TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<Thread> threads = [];
    readonly List<long> runs = [];      // when each of those that are on was begun
    int idle;
    bool closed, busy, rested = true;
    double idsPerSecond;

    /// <summary>How long the longest of the runs that are on takes already; zero where there is none.</summary>
    public TimeSpan BusyFor
    {
        get
        {
            lock (state)
            {
                return runs.Count > 0 ? Stopwatch.GetElapsedTime(runs.Min()) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Answers a call; its texts are run with those of others.</summary>
    /// <exception cref="CclmQueueFullException">There is no room for all of its texts.</exception>
    /// <exception cref="TimeoutException">They waited for longer than <see cref="CclmModelOptions.QueueTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public async Task<T[]> RunAsync<T>(PendingCall<T> call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!TryAdd(call, out _))
        {
            InferenceTelemetry.Rejected(InferenceTelemetry.QueueFull);
            throw Full(call.Cost);
        }
        return await AnswerAsync(call, cancellation).ConfigureAwait(false);
    }

    /// <summary>As <see cref="RunAsync"/>, but waits for room.</summary>
    public async Task<T[]> RunWhenThereIsRoomAsync<T>(PendingCall<T> call, CancellationToken cancellation)
    {
        Task later;
        while (!TryAdd(call, out later))
        {
            await later.WaitAsync(cancellation).ConfigureAwait(false);
        }
        return await AnswerAsync(call, cancellation).ConfigureAwait(false);
    }

    /// <summary>Refuses new calls, and waits until those that are in have their answers.</summary>
    public void Close()
    {
        lock (state)
        {
            closed = true;
            Wake();
            Monitor.PulseAll(state);
            room.TrySetResult();
            while (runs.Count > 0 || !pending.IsEmpty)
            {
                Monitor.Wait(state);
            }
        }
        threads.ForEach(thread => thread.Join());
    }

    async Task<T[]> AnswerAsync<T>(PendingCall<T> call, CancellationToken cancellation)
    {
        using var stop = cancellation.UnsafeRegister(_ => Forget(call, cancellation), null);
        return await call.Answer.ConfigureAwait(false);
    }

    bool TryAdd<T>(PendingCall<T> call, out Task later)
    {
        lock (state)
        {
            ObjectDisposedException.ThrowIf(closed, typeof(CclmModel));
            later = room.Task;
            if (!pending.IsEmpty && pending.Cost + call.Cost > options.QueueCharacters)
            {
                return false;
            }
            var isShort = pending.IsEmpty && runs.Count < options.Runs && call is { Texts.Count: 1, Cost: <= ShortText };
            foreach (var text in call.Texts)
            {
                pending.Add(text);
            }
            if (isShort)
            {
                RunShortSoon(preferLocal: true);
            }
            else
            {
                Wake();
            }
            return true;
        }
    }

    /// <summary>Sees that some thread looks at what there is to do: where all run something, whoever is done first does.</summary>
    void Wake()
    {
        if (runs.Count >= options.Runs)
        {
            return;
        }
        if (!pending.IsEmpty && idle == 0 && threads.Count < options.Runs)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = "CCLM batches" };
            threads.Add(thread);
            thread.UnsafeStart();
        }
        Monitor.PulseAll(state);
    }

    void RunShortSoon(bool preferLocal) => ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.RunShort(), this, preferLocal);

    /// <summary>Runs a batch on the thread pool, unless the queue's own threads have taken what there was.</summary>
    void RunShort()
    {
        Batch batch;
        lock (state)
        {
            Expire();
            if (pending.IsEmpty || runs.Count >= options.Runs)
            {
                return;
            }
            batch = Take();
        }
        RunAndAnswer(batch);
        lock (state)
        {
            if (pending is { IsEmpty: false, Cost: <= ShortText } && options.BatchDelay == TimeSpan.Zero)
            {
                RunShortSoon(preferLocal: false);       // after the callers that have their answers now
            }
            else if (!pending.IsEmpty)
            {
                Wake();
            }
        }
    }

    void Forget(PendingCall call, CancellationToken cancellation)
    {
        if (call.Cancel(cancellation))
        {
            InferenceTelemetry.Rejected(InferenceTelemetry.Cancelled);
        }
        Forget(call);
    }

    void Forget(PendingCall call)
    {
        lock (state)
        {
            foreach (var text in call.Texts)
            {
                pending.Remove(text);
            }
            MakeRoom();
        }
    }

    void Work()
    {
        while (Next() is { } batch)
        {
            RunAndAnswer(batch);
        }
    }

    void RunAndAnswer(Batch batch)
    {
        try
        {
            Run(batch.Texts);
        }
        catch (Exception e)
        {
            batch.Texts.ForEach(text => Fail(text, e));     // whoever called is told; the thread serves the others
        }
        lock (state)
        {
            runs.Remove(batch.Since);
            foreach (var call in batch.Texts.Where(text => text.Call is { IsOver: true, Texts.Count: > 1 }).Select(text => text.Call).Distinct().ToArray())
            {
                Forget(call);
            }
            if (closed)
            {
                Monitor.PulseAll(state);
            }
        }
    }

    /// <summary>Takes out what is to be run now, and begins the run.</summary>
    Batch Take()
    {
        var batch = Begin(pending.Take(options.BatchCharacters));
        MakeRoom();
        if (!pending.IsEmpty)
        {
            Wake();
        }
        return batch;
    }

    Batch Begin(List<PendingText> texts)
    {
        var batch = new Batch(texts, Stopwatch.GetTimestamp());
        runs.Add(batch.Since);
        return batch;
    }

    /// <summary>The next batch, once there is one, or an empty one after a while without any; null where the queue is closed and empty.</summary>
    Batch? Next()
    {
        lock (state)
        {
            while (true)
            {
                Expire();
                if (pending.IsEmpty && closed)
                {
                    Monitor.PulseAll(state);        // what waited may have been cancelled
                    return null;
                }
                if (pending.IsEmpty)
                {
                    busy = runs.Count > 0;
                    idle++;
                    var woken = Monitor.Wait(state, rested ? Timeout.InfiniteTimeSpan : rest);
                    idle--;
                    if (!woken && pending.IsEmpty && !busy && !rested)
                    {
                        rested = true;
                        return Begin(Nothing);
                    }
                }
                else if (busy && !closed && pending.Cost < options.BatchCharacters && options.BatchDelay - Stopwatch.GetElapsedTime(pending.Oldest.Call.Came) is { Ticks: > 0 } left)
                {
                    Monitor.Wait(state, left);
                }
                else if (runs.Count >= options.Runs)
                {
                    Monitor.Wait(state);        // for a run on the thread pool
                }
                else
                {
                    (busy, rested) = (true, false);
                    return Take();
                }
            }
        }
    }

    void Expire()
    {
        while (options.QueueTimeout > TimeSpan.Zero && !pending.IsEmpty && pending.Oldest.Call is var call && Stopwatch.GetElapsedTime(call.Came) > options.QueueTimeout)
        {
            InferenceTelemetry.Rejected(InferenceTelemetry.TimedOut);
            call.Fail(new TimeoutException($"The text waited for more than {options.QueueTimeout.TotalSeconds:0.###} s ({nameof(CclmModelOptions.QueueTimeout)}); the model has more to do than it can."));
            Forget(call);
        }
    }

    void MakeRoom()
    {
        room.TrySetResult();
        room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    void Run(List<PendingText> batch)
    {
        using var call = enter();
        var (runner, contract) = (call.Model.Runner, call.Model.Contract);
        if (batch == Nothing)
        {
            runner.GiveMemoryBack();
            return;
        }
        var begun = Stopwatch.GetTimestamp();
        var length = batch.Max(text => text.Call.LengthIn(contract, text));
        long[] shape = [];
        batch.RemoveAll(text => Fails(text, () => shape = text.Call.RowShapeIn(contract, length)));     // a model that was loaded meanwhile may lack what it asks for
        if (batch.Count == 0)
        {
            return;
        }
        var texts = batch.Select(text => text.Text).ToArray();
        using var activity = InferenceTelemetry.Run(texts.Length, length);
        using var values = runner.Run(texts, new(Enumerable.Range(0, texts.Length).ToArray(), length), batch[0].Call.Output, [texts.Length, .. shape], CancellationToken.None);
        var rows = values.GetTensorDataAsSpan<float>();
        InferenceTelemetry.Ran(batch, length, begun);
        Volatile.Write(ref idsPerSecond, options.Runs * texts.Length * (double)length / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        var width = rows.Length / batch.Count;
        for (var row = 0; row < batch.Count; row++)
        {
            Answer(batch[row], contract, rows.Slice(row * width, width));
        }
    }

    static void Answer(PendingText text, ModelContract contract, ReadOnlySpan<float> row)
    {
        try
        {
            text.Call.Take(contract, text, row);
        }
        catch (Exception e)
        {
            Fail(text, e);      // a text that can not be answered fails its own call alone
        }
    }

    static bool Fails(PendingText text, Action act)
    {
        try
        {
            act();
            return false;
        }
        catch (Exception e)
        {
            Fail(text, e);
            return true;
        }
    }

    static void Fail(PendingText text, Exception error)
    {
        if (text.Call.Fail(error))
        {
            InferenceTelemetry.Rejected(error.GetType().Name);
        }
    }

    /// <summary>Texts that are run together, and when that was begun.</summary>
    readonly record struct Batch(List<PendingText> Texts, long Since);

    CclmQueueFullException Full(long cost)
    {
        lock (state)
        {
            var seconds = Math.Max(1, pending.Cost / Math.Max(Volatile.Read(ref idsPerSecond), 1));
            return new($"{pending.Cost:N0} characters wait for the model and {cost:N0} more were asked for; at most {options.QueueCharacters:N0} may wait ({nameof(CclmModelOptions.QueueCharacters)}). " +
                "Try again later, ask for less at once, or add machines.", TimeSpan.FromSeconds(Math.Min(seconds, 3600)));
        }
    }
}
