using System.Diagnostics;

namespace Cclm.Inference;

/// <summary>Gathers the texts of all calls into batches, and runs as many batches at once as may.</summary>
/// <remarks>
/// A text comes into a run at once where fewer are on than may. While as many are, those that come wait; then as many of about one length as fit are
/// the next batch. To wake another thread, and then the caller, can take longer than to run a text, so runs are left to the thread
/// pool: a caller that awaits its answer is on a thread of that, which is free now, runs the text and goes on with the answer; and callers that have theirs
/// come before the next batch, which has what they ask for then. Only a run that would keep such a thread for long has one of its own.
/// After a while without work the memory of the largest batches is given back.
/// </remarks>
/// <param name="options">How texts are gathered.</param>
/// <param name="enter">Goes into the model.</param>
/// <param name="rest">How long there is nothing to do before memory is given back; null for five seconds.</param>
sealed partial class BatchQueue(CclmModelOptions options, Func<LoadedCall> enter, TimeSpan? rest = null)
{
    readonly object state = new();      // a Monitor, for its Wait
    readonly PendingTexts pending = new();
    TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Timer? deadlineTimer;
    bool closed, deadlineIsSet;

    /// <summary>Answers a call; its texts are run with those of others.</summary>
    /// <exception cref="CclmQueueFullException">There is no room for all of its texts.</exception>
    /// <exception cref="TimeoutException">They waited for longer than <see cref="CclmModelOptions.QueueTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Task<T[]> RunAsync<T>(PendingCall<T> call, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<T[]>(cancellation);
        }
        if (!TryAdd(call, out _))
        {
            InferenceTelemetry.Rejected(InferenceTelemetry.QueueFull);
            return Task.FromException<T[]>(Full(call.Cost));        // not thrown: what overload costs has to be little
        }
        return cancellation.CanBeCanceled ? AnswerAsync(call, cancellation) : call.Answer;
    }

    /// <summary>As <see cref="RunAsync"/>, but waits for room.</summary>
    public async Task<T[]> RunWhenThereIsRoomAsync<T>(PendingCall<T> call, CancellationToken cancellation)
    {
        while (!TryAdd(call, out var later))
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
            Employ();
            room.TrySetResult();
            while (workers > 0)
            {
                Monitor.Wait(state);
            }
            delayTimer?.Dispose();
            restTimer?.Dispose();
            deadlineTimer?.Dispose();
        }
    }

    async Task<T[]> AnswerAsync<T>(PendingCall<T> call, CancellationToken cancellation)
    {
        using var stop = cancellation.UnsafeRegister(_ => Cancel(call, cancellation), null);
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
            call.Came = Stopwatch.GetTimestamp();
            foreach (var text in call.Texts)
            {
                pending.Add(text);
            }
            SetDeadline();
            Employ();
            return true;
        }
    }

    void Cancel(PendingCall call, CancellationToken cancellation)
    {
        if (call.Cancel(cancellation))
        {
            InferenceTelemetry.Rejected(InferenceTelemetry.Cancelled);
        }
        lock (state)
        {
            Forget(call);
        }
    }

    void Forget(PendingCall call)
    {
        foreach (var text in call.Texts)
        {
            pending.Remove(text);
        }
        MakeRoom();
    }

    void MakeRoom()
    {
        room.TrySetResult();
        room = new(TaskCreationOptions.RunContinuationsAsynchronously);
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

    /// <summary>Sees that what waits is looked at when the oldest has waited for too long, also where no batch ends before.</summary>
    void SetDeadline()
    {
        if (deadlineIsSet || options.QueueTimeout <= TimeSpan.Zero || pending.IsEmpty)
        {
            return;
        }
        deadlineIsSet = true;
        var left = options.QueueTimeout - Stopwatch.GetElapsedTime(pending.Oldest.Call.Came);
        (deadlineTimer ??= new(_ => ExpireLater())).Change(Math.Max(1, (long)Math.Ceiling(left.TotalMilliseconds)), Timeout.Infinite);
    }

    void ExpireLater()
    {
        lock (state)
        {
            deadlineIsSet = false;
            Expire();
            SetDeadline();
        }
    }

    CclmQueueFullException Full(long cost)
    {
        lock (state)
        {
            var seconds = Math.Max(1, pending.Cost / (options.Runs * idsPerSecond));
            return new($"{pending.Cost:N0} characters wait for the model and {cost:N0} more were asked for; at most {options.QueueCharacters:N0} may wait ({nameof(CclmModelOptions.QueueCharacters)}). " +
                "Try again later, ask for less at once, or add machines.", TimeSpan.FromSeconds(Math.Min(seconds, 3600)));
        }
    }
}
