using System.Diagnostics;

namespace Cclm.Inference;

/// <content>Who runs what waits. <see cref="Employ"/>, <see cref="Begin"/>, <see cref="HasWork"/>, <see cref="Leave"/> and <see cref="IsDue"/> are called under the lock.</content>
sealed partial class BatchQueue
{
    const double LongRun = 0.05;        // seconds

    readonly List<PendingBatch> running = [];
    readonly TimeSpan rest = rest ?? TimeSpan.FromSeconds(5);
    Timer? delayTimer, restTimer;
    int workers;            // those that run a batch, and those that are about to
    bool inUse;             // since memory was given back
    double idsPerSecond = 50_000;       // of one run; a guess until the first has ended

    /// <summary>How long the longest of the runs that are on takes already; zero where there is none.</summary>
    public TimeSpan BusyFor
    {
        get
        {
            lock (state)
            {
                return running.Count > 0 ? Stopwatch.GetElapsedTime(running.Min(batch => batch.Begun)) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Sees that somebody runs what waits, unless as many do as may.</summary>
    void Employ()
    {
        if (workers < options.Runs && IsDue())
        {
            workers++;
            Begin(preferLocal: true);
        }
    }

    void Begin(bool preferLocal)
    {
        if (Math.Min(pending.Cost, options.BatchCharacters) <= idsPerSecond * LongRun)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.Work(), this, preferLocal);
        }
        else
        {
            new Thread(Work) { IsBackground = true, Name = "CCLM batch" }.UnsafeStart();
        }
    }

    /// <summary>Runs a batch, and leaves what waits then to the next worker.</summary>
    void Work()
    {
        if (Next() is { } batch)
        {
            Run(batch);
            GoOn();
        }
    }

    void GoOn()
    {
        lock (state)
        {
            if (HasWork())
            {
                Begin(preferLocal: false);
            }
        }
    }

    PendingBatch? Next()
    {
        lock (state)
        {
            if (!HasWork())
            {
                return null;
            }
            var batch = new PendingBatch(pending.Take(options.BatchCharacters));
            running.Add(batch);
            inUse = true;
            MakeRoom();
            Employ();
            return batch;
        }
    }

    /// <summary>Whether there is something to do for a worker; it is none any more where there is not.</summary>
    bool HasWork()
    {
        Expire();
        if (IsDue())
        {
            return true;
        }
        Leave();
        return false;
    }

    void Leave()
    {
        workers--;
        if (workers > 0)
        {
            return;
        }
        if (closed)
        {
            Monitor.PulseAll(state);
        }
        else if (inUse && pending.IsEmpty)
        {
            inUse = false;
            (restTimer ??= new(_ => Rest())).Change(rest, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Whether a batch is to be run now; otherwise it is looked at again when it has waited for long enough.</summary>
    bool IsDue()
    {
        if (pending.IsEmpty)
        {
            return false;
        }
        if (!inUse || closed || pending.Cost >= options.BatchCharacters || options.BatchDelay - Stopwatch.GetElapsedTime(pending.Oldest.Call.Came) is not { Ticks: > 0 } left)
        {
            return true;
        }
        (delayTimer ??= new(_ => EmployLater())).Change((long)Math.Ceiling(left.TotalMilliseconds), Timeout.Infinite);
        return false;
    }

    void EmployLater()
    {
        lock (state)
        {
            Employ();
        }
    }

    void Run(PendingBatch batch)
    {
        var ids = 0;
        try
        {
            using var call = enter();
            ids = batch.Run(call.Model);
        }
        catch (Exception e)
        {
            batch.Fail(e);      // whoever called is told, and the others are served
        }
        lock (state)
        {
            running.Remove(batch);
            idsPerSecond = ids > 0 ? (ids + LengthBatches.RunOverhead) / Stopwatch.GetElapsedTime(batch.Begun).TotalSeconds : idsPerSecond;
            foreach (var call in batch.Failed)
            {
                Forget(call);
            }
        }
    }

    /// <summary>Gives memory back, unless there is something to do meanwhile.</summary>
    void Rest()
    {
        lock (state)
        {
            if (closed || workers > 0 || !pending.IsEmpty)
            {
                return;
            }
            workers++;
        }
        try
        {
            using var call = enter();
            call.Model.Runner.GiveMemoryBack();
        }
        catch (Exception)
        {
            // Nobody asked for it; those who ask for a run are told why it fails.
        }
        GoOn();
    }
}
