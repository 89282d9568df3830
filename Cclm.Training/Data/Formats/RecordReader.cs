namespace Cclm.Training.Data;

/// <summary>Reads the rows of one file in order, and of them the columns that were asked for.</summary>
abstract class RecordReader : IDisposable
{
    /// <summary>How many rows were read or skipped so far, which is the next one's number in the file. Blank lines count: they can be skipped without a look at them.</summary>
    public abstract long Position { get; }

    /// <summary>Where the row that was read last stands, for messages.</summary>
    public abstract string Place { get; }

    /// <summary>Skips so many rows as cheaply as the format allows; stops at the end of the file.</summary>
    public abstract void Skip(long rows);

    /// <summary>Reads the next row that is not blank; false at the end of the file.</summary>
    /// <param name="fields">Takes a value for each column that was asked for.</param>
    /// <exception cref="InvalidDataException">The row can not be read; the message names <see cref="Place"/>.</exception>
    public abstract bool Read(Span<Field> fields);

    public abstract void Dispose();
}
