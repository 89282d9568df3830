using System.Collections.Concurrent;

namespace Cclm.Training;

static class Prefetching
{
    /// <summary>Goes through a sequence on a thread of its own, some items ahead of its reader.</summary>
    /// <param name="items">The sequence; its errors are the reader's.</param>
    /// <param name="count">The most items that wait to be read.</param>
    public static IEnumerable<T> Ahead<T>(this IEnumerable<T> items, int count)
    {
        using var queue = new BlockingCollection<T>(count);
        using var stop = new CancellationTokenSource();
        var producer = Task.Factory.StartNew(() =>
        {
            try
            {
                foreach (var item in items)
                {
                    queue.Add(item, stop.Token);
                }
            }
            finally
            {
                queue.CompleteAdding();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var item in queue.GetConsumingEnumerable())
            {
                yield return item;
            }
            producer.GetAwaiter().GetResult();      // its errors
        }
        finally
        {
            stop.Cancel();
            Task.WaitAny(producer);                 // not Wait: its cancellation is no error
        }
    }
}
