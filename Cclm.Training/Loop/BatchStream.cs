using System.Runtime.InteropServices;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>A place in the endless sequence of batches of a data set.</summary>
/// <param name="Epoch">How often the data has been gone through.</param>
/// <param name="Row">The number of the row at which the rows that are shuffled together begin.</param>
/// <param name="Batch">Batches of those that are done.</param>
public readonly record struct DataPosition(int Epoch, long Row, int Batch);

/// <summary>
/// Turns rows into batches without end, of which other ranks' are not made and say no more than their rows. Each one is a pure function of the data, the seed and its position, so that a run
/// goes on anywhere with nothing but the position kept.
/// </summary>
/// <remarks>
/// Rows in memory are shuffled as a whole, others in buffers. Texts of like length come together, which spares padding: a shuffled
/// buffer is sorted by length within pools of some batches, and the batches are shuffled.
/// </remarks>
/// <param name="rows">The data; more than its buffers is never held of it.</param>
/// <param name="length">A row's length.</param>
/// <param name="encode">Makes a row an example; all chance comes from the generator that it is given.</param>
/// <param name="options">Batch size, shuffle buffer and seed.</param>
sealed class BatchStream<T>(RowSource<T> rows, Func<T, int> length, Func<T, Random, Example> encode, TrainingOptions options)
{
    const int BatchesAhead = 8, BatchesSortedTogether = 32, MaxCharactersBuffered = 32_000_000;

    readonly Ranks ranks = Ranks.Current;

    /// <summary>Batches from a position on, each with the position behind it; they are made on threads of their own.</summary>
    public IEnumerable<(Batch Batch, DataPosition Next)> From(DataPosition position) =>
        Buffers(position).Ahead(1).SelectMany(buffer => Batches(buffer, position))
            .Select((batch, i) => (ranks.Does(i % options.Accumulate) ? batch.Rows.Make() : Batch.OfOthers(batch.Rows.Numbers), batch.Next)).Ahead(BatchesAhead);

    IEnumerable<Buffer> Buffers(DataPosition position)
    {
        for (var (epoch, row) = (position.Epoch, position.Row); ; (epoch, row) = (epoch + 1, 0))
        {
            var found = false;
            foreach (var buffer in Epoch(epoch, row))
            {
                found = true;
                yield return buffer;
            }
            if (!found && row == 0)
            {
                throw new ArgumentException("The data set is empty; expected at least one row.");
            }
        }
    }

    IEnumerable<Buffer> Epoch(int epoch, long from)
    {
        var (first, characters) = (from, 0L);
        List<(long, T)> filled = [];
        foreach (var (number, row) in rows.InEpoch(options.Seed, epoch).Read(from))
        {
            if (!rows.InMemory && (filled.Count == options.ShuffleBuffer || characters > MaxCharactersBuffered))
            {
                yield return new(epoch, first, number, filled);
                (first, characters, filled) = (number, 0, []);
            }
            filled.Add((number, row));
            characters += length(row);
        }
        if (filled.Count > 0)
        {
            yield return new(epoch, first, null, filled);
        }
    }

    IEnumerable<(Unmade Rows, DataPosition Next)> Batches(Buffer buffer, DataPosition start)
    {
        var shuffled = Randomness.For(options.Seed, buffer.Epoch, buffer.First);
        shuffled.Shuffle(CollectionsMarshal.AsSpan(buffer.Rows));
        (long Number, T Row)[][] batches = [.. buffer.Rows.Chunk(options.BatchSize * BatchesSortedTogether).SelectMany(pool =>
        {
            var sorted = pool.OrderBy(row => length(row.Row)).Chunk(options.BatchSize).ToArray();
            shuffled.Shuffle(sorted);
            return sorted;
        })];
        var done = buffer.Epoch == start.Epoch && buffer.First == start.Row ? start.Batch : 0;
        for (var i = done; i < batches.Length; i++)
        {
            var (some, random) = (batches[i], Randomness.For(options.Seed, buffer.Epoch, buffer.First, i));
            long[] numbers = [.. some.Select(row => row.Number)];
            yield return (new(numbers, () => Batch.Of([.. some.Select(row => encode(row.Row, random))]) with { Numbers = numbers }), i + 1 < batches.Length ? new(buffer.Epoch, buffer.First, i + 1)
                : buffer.Next is { } next ? new(buffer.Epoch, next, 0) : new(buffer.Epoch + 1, 0, 0));
        }
    }

    /// <summary>A batch whose rows are known.</summary>
    readonly record struct Unmade(long[] Numbers, Func<Batch> Make);

    /// <summary>Rows that are shuffled together; <paramref name="Next"/> is where the next ones of the epoch begin.</summary>
    sealed record Buffer(int Epoch, long First, long? Next, List<(long Number, T Row)> Rows);
}
