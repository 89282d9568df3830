using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>Threads that work side by side, each of which starts libtorch's operators for itself alone.</summary>
sealed partial class RowThreads : IDisposable
{
    readonly BlockingCollection<Action>[] work;
    readonly Thread[] threads;

    /// <param name="count">How many; as many as an operator of the caller's goes on having.</param>
    public RowThreads(int count)
    {
        work = [.. Enumerable.Range(0, count).Select(_ => new BlockingCollection<Action>())];
        threads = [.. work.Select((mine, i) => new Thread(() => Work(mine)) { IsBackground = true, Name = $"rows {i}" })];
        Array.ForEach(threads, thread => thread.Start());
        Each(count, _ => OneThreadHere());
        set_num_threads(count);             // the last call's number is that of MKL's threads wherever they have none of their own
    }

    /// <summary>How many there are.</summary>
    public int Count => threads.Length;

    /// <summary>Does something for each number below one that is at most <see cref="Count"/>, the same number always on the same thread, and waits.</summary>
    public void Each(int parts, Action<int> part)
    {
        var errors = new Exception?[parts];
        using var left = new CountdownEvent(parts);
        for (var i = 0; i < parts; i++)
        {
            var mine = i;
            work[i].Add(() =>
            {
                try
                {
                    part(mine);
                }
                catch (Exception e)
                {
                    errors[mine] = e;
                }
                left.Signal();
            });
        }
        left.Wait();
        if (errors.FirstOrDefault(error => error is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    public void Dispose()
    {
        foreach (var mine in work)
        {
            mine.CompleteAdding();
        }
        foreach (var (thread, mine) in threads.Zip(work))
        {
            thread.Join();
            mine.Dispose();
        }
    }

    static void Work(BlockingCollection<Action> mine)
    {
        foreach (var part in mine.GetConsumingEnumerable())
        {
            part();
        }
    }

    static void OneThreadHere()
    {
        _ = get_num_threads();              // a thread's first operator takes over the number of all others: it has to be before
        set_num_threads(1);
        try
        {
            _ = SetProductThreads(1);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // a libtorch without MKL, or one whose products have the threads of all others
        }
    }

    [LibraryImport("torch_cpu", EntryPoint = "MKL_Set_Num_Threads_Local")]
    private static partial int SetProductThreads(int count);
}
