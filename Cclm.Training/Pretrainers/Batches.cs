using System.Collections.Concurrent;

namespace Cclm.Training;

/// <summary>One training example: what the model reads, and what it should say.</summary>
/// <param name="Ids">The text's ids, at its own length.</param>
/// <param name="Targets">One class or more; <see cref="Batch.NoTarget"/> where nothing is asked.</param>
public sealed record Example(long[] Ids, long[] Targets);

/// <summary>Examples padded to one length.</summary>
/// <param name="Rows">B</param>
/// <param name="Ids">[B,T], padded with 0.</param>
/// <param name="Targets">[B,T'], padded with <see cref="NoTarget"/>.</param>
/// <param name="Characters">Ids that are not batch padding.</param>
public sealed record Batch(int Rows, long[] Ids, long[] Targets, int Characters)
{
    /// <summary>A target that asks nothing; cross-entropy leaves it out.</summary>
    public const long NoTarget = -100;

    /// <summary>Pads examples to the longest of them.</summary>
    public static Batch Of(IReadOnlyList<Example> examples)
    {
        return new(examples.Count, Pad(example => example.Ids, 0), Pad(example => example.Targets, NoTarget), examples.Sum(example => example.Ids.Length));

        long[] Pad(Func<Example, long[]> part, long padding)
        {
            var length = examples.Max(example => part(example).Length);
            var padded = new long[examples.Count * length];
            Array.Fill(padded, padding);
            for (var i = 0; i < examples.Count; i++)
            {
                part(examples[i]).CopyTo(padded, i * length);
            }
            return padded;
        }
    }
}

/// <summary>Turns a data set into batches on a thread of its own, ahead of the model.</summary>
static class Batches
{
    const int Ahead = 4, SortedTogether = 32;

    /// <summary>Batches without end: shuffled anew each epoch, with texts of like length together; the same ones for the same seed.</summary>
    public static IEnumerable<Batch> Shuffled<T>(IReadOnlyList<T> data, Func<T, int> length, Func<T, Random, Example> encode, int batchSize, int seed)
    {
        using var queue = new BlockingCollection<Batch>(Ahead);
        using var stop = new CancellationTokenSource();
        var producer = Task.Run(() =>
        {
            try
            {
                for (var random = new Random(seed); ;)
                {
                    foreach (var rows in Epoch(data, length, batchSize, random))
                    {
                        queue.Add(Batch.Of([.. rows.Select(row => encode(data[row], random))]), stop.Token);
                    }
                }
            }
            finally
            {
                queue.CompleteAdding();
            }
        });
        try
        {
            foreach (var batch in queue.GetConsumingEnumerable())
            {
                yield return batch;
            }
            producer.GetAwaiter().GetResult();      // it only ends by an error, which is the reader's
        }
        finally
        {
            stop.Cancel();
            Task.WaitAny(producer);                 // not Wait: its cancellation is no error
        }
    }

    /// <summary>Every row once: shuffled, then sorted by length within pools of some batches, and the batches shuffled.</summary>
    static IEnumerable<int[]> Epoch<T>(IReadOnlyList<T> data, Func<T, int> length, int batchSize, Random random)
    {
        var order = Enumerable.Range(0, data.Count).ToArray();
        random.Shuffle(order);
        foreach (var pool in order.Chunk(batchSize * SortedTogether))
        {
            var batches = pool.OrderBy(row => length(data[row])).Chunk(batchSize).ToArray();
            random.Shuffle(batches);
            foreach (var batch in batches)
            {
                yield return batch;
            }
        }
    }
}
