namespace Cclm.Training.Data;

/// <summary>Rows of a data set, numbered from 0, that can be read again and again and from any row on.</summary>
/// <remarks>A row keeps its number through <see cref="Select"/> and <see cref="Where"/>, so a position in a filtered source is one in the data.</remarks>
/// <typeparam name="T">One row.</typeparam>
public abstract class RowSource<T>
{
    const int CharactersPerRow = 32;

    /// <summary>Streams rows in order.</summary>
    /// <param name="from">The first row's number; rows before it are skipped as cheaply as the format allows.</param>
    /// <exception cref="InvalidDataException">The data can not be read; thrown where it is, naming file and line.</exception>
    public abstract IEnumerable<(long Number, T Row)> Read(long from = 0);

    /// <summary>The same rows in the order of one epoch: a source of several files may take them in another order each time. A pure function of seed and epoch.</summary>
    public virtual RowSource<T> InEpoch(int seed, int epoch) => this;

    /// <summary>Whether all rows are in memory, so that they are shuffled as a whole.</summary>
    public virtual bool InMemory => false;

    /// <summary>The same rows held in memory, so that they are shuffled as a whole; or, where there are too many of them, the source as it is.</summary>
    /// <remarks>A row counts as 32 characters more than its size: the objects that hold it take about 64 bytes, which short rows are mostly made of.</remarks>
    /// <param name="size">A row's size, in characters.</param>
    /// <param name="most">The most characters that all rows may sum up to.</param>
    public virtual RowSource<T> HeldInMemory(Func<T, long> size, long most)
    {
        var (held, sum) = (new List<(long, T)>(), 0L);
        foreach (var row in Read())
        {
            held.Add(row);
            if ((sum += size(row.Row) + CharactersPerRow) > most)
            {
                return this;
            }
        }
        return new RowsInMemory<T>(held);
    }

    /// <summary>Changes each row.</summary>
    public RowSource<TOther> Select<TOther>(Func<T, TOther> change) => new ChangedRows<T, TOther>(this, row => (true, change(row)));

    /// <summary>Leaves out rows that do not meet a condition; the others keep their numbers.</summary>
    public RowSource<T> Where(Func<T, bool> condition) => new ChangedRows<T, T>(this, row => (condition(row), row));

    /// <summary>The same rows until a token is cancelled: after that, reading the next one throws <see cref="OperationCanceledException"/>.</summary>
    public RowSource<T> Until(CancellationToken cancellation) => new RowsUntil<T>(this, cancellation);

    /// <summary>The same rows, whatever <see cref="Until"/> says: for a reader that ends by itself, at a better place than between two rows.</summary>
    internal virtual RowSource<T> Uncancelled() => this;
}

/// <summary>Rows that are in memory.</summary>
public static class RowSource
{
    /// <summary>A list as a source.</summary>
    public static RowSource<T> Of<T>(IReadOnlyList<T> rows) => new RowsInMemory<T>([.. rows.Index().Select(row => ((long)row.Index, row.Item))]);
}

sealed class RowsInMemory<T>(IReadOnlyList<(long Number, T Row)> rows) : RowSource<T>
{
    public override bool InMemory => true;

    public override IEnumerable<(long Number, T Row)> Read(long from) => rows.SkipWhile(row => row.Number < from);
}

sealed class ChangedRows<T, TOther>(RowSource<T> source, Func<T, (bool Keep, TOther Row)> change) : RowSource<TOther>
{
    public override bool InMemory => source.InMemory;

    public override RowSource<TOther> InEpoch(int seed, int epoch) => new ChangedRows<T, TOther>(source.InEpoch(seed, epoch), change);

    internal override RowSource<TOther> Uncancelled() => new ChangedRows<T, TOther>(source.Uncancelled(), change);

    public override IEnumerable<(long Number, TOther Row)> Read(long from)
    {
        foreach (var (number, row) in source.Read(from))
        {
            if (change(row) is (true, var changed))
            {
                yield return (number, changed);
            }
        }
    }
}

sealed class RowsUntil<T>(RowSource<T> source, CancellationToken cancellation) : RowSource<T>
{
    public override bool InMemory => source.InMemory;

    public override RowSource<T> InEpoch(int seed, int epoch) => new RowsUntil<T>(source.InEpoch(seed, epoch), cancellation);

    internal override RowSource<T> Uncancelled() => source.Uncancelled();

    public override RowSource<T> HeldInMemory(Func<T, long> size, long most) =>
        base.HeldInMemory(size, most) is { InMemory: true } held ? held.Until(cancellation) : this;

    public override IEnumerable<(long Number, T Row)> Read(long from)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var row in source.Read(from))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return row;
        }
    }
}
