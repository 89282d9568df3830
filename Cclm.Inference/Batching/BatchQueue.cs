using System.Diagnostics;

namespace Cclm.Inference;

/// <summary>Gathers the texts of all calls into batches and runs them, one batch after the other, on a thread of its own.</summary>
/// <remarks>
/// While a batch runs, those that come wait; then as many of about one length as fit are the next batch. A text that finds
/// the model idle is run at once. The thread is made with the first call, and sleeps where there is nothing to do.
/// </remarks>
sealed class BatchQueue(CclmModelOptions options, Func<LoadedCall> enter)
{
    readonly object state = new();      // a Monitor, for its Wait
    readonly PendingTexts pending = new();
    TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Thread? thread;
    bool closed, busy;
    long runSince;
    double idsPerSecond;

    /// <summary>How long the run that is on takes already; zero where there is none.</summary>
    public TimeSpan BusyFor => Interlocked.Read(ref runSince) is > 0 and var since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;

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
        Thread? working;
        lock (state)
        {
            closed = true;
            working = thread;
            Monitor.PulseAll(state);
            room.TrySetResult();
        }
        working?.Join();
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
            foreach (var text in call.Texts)
            {
                pending.Add(text);
            }
            thread ??= Start();
            Monitor.PulseAll(state);
            return true;
        }
    }

    Thread Start()
    {
        var started = new Thread(Work) { IsBackground = true, Name = "CCLM batches" };
        started.UnsafeStart();
        return started;
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
            Interlocked.Exchange(ref runSince, Stopwatch.GetTimestamp());
            try
            {
                Run(batch);
            }
            catch (Exception e)
            {
                batch.ForEach(text => Fail(text, e));       // whoever called is told; the thread serves the others
            }
            finally
            {
                Interlocked.Exchange(ref runSince, 0);
            }
            batch.Where(text => text.Call is { IsOver: true, Texts.Count: > 1 }).Select(text => text.Call).Distinct().ToList().ForEach(Forget);
        }
    }

    /// <summary>The next batch, once there is one; null where the queue is closed and empty.</summary>
    List<PendingText>? Next()
    {
        lock (state)
        {
            while (true)
            {
                Expire();
                if (pending.IsEmpty && closed)
                {
                    return null;
                }
                if (pending.IsEmpty)
                {
                    busy = false;
                    Monitor.Wait(state);
                }
                else if (busy && !closed && pending.Cost < options.BatchCharacters && options.BatchDelay - Stopwatch.GetElapsedTime(pending.Oldest.Call.Came) is { Ticks: > 0 } left)
                {
                    Monitor.Wait(state, left);
                }
                else
                {
                    busy = true;
                    var batch = pending.Take(options.BatchCharacters);
                    MakeRoom();
                    return batch;
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
        var begun = Stopwatch.GetTimestamp();
        var width = 0;
        batch.RemoveAll(text => Fails(text, () => width = text.Call.WidthIn(contract)));        // a model that was loaded meanwhile may lack what it asks for
        if (batch.Count == 0)
        {
            return;
        }
        var texts = batch.Select(text => text.Text).ToArray();
        var length = texts.Max(contract.PaddedLength);
        using var activity = InferenceTelemetry.Run(texts.Length, length);
        using var values = runner.Run(texts, new(Enumerable.Range(0, texts.Length).ToArray(), length), batch[0].Call.Output, [texts.Length, width], CancellationToken.None);
        var rows = values.GetTensorDataAsSpan<float>();
        InferenceTelemetry.Ran(batch, length, begun);
        idsPerSecond = texts.Length * (double)length / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        for (var row = 0; row < batch.Count; row++)
        {
            var (text, start) = (batch[row], row * width);
            Answer(text, contract, rows.Slice(start, width));
        }
    }

    static void Answer(PendingText text, ModelContract contract, ReadOnlySpan<float> row)
    {
        try
        {
            text.Call.Take(contract, text.Index, row);
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

    CclmQueueFullException Full(long cost)
    {
        lock (state)
        {
            var seconds = Math.Max(1, pending.Cost / Math.Max(idsPerSecond, 1));
            return new($"{pending.Cost:N0} characters wait for the model and {cost:N0} more were asked for; at most {options.QueueCharacters:N0} may wait ({nameof(CclmModelOptions.QueueCharacters)}). " +
                "Try again later, ask for less at once, or add machines.", TimeSpan.FromSeconds(Math.Min(seconds, 3600)));
        }
    }
}
