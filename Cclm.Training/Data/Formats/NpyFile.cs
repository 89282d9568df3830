using System.Collections;
using System.IO.MemoryMappedFiles;

namespace Cclm.Training.Data;

/// <summary>
/// Vectors in a NumPy file (NEP 1, format versions 1 to 3): a matrix [N,D] of float32 or float64, little-endian, row after row. The file is
/// mapped, and a row is read when it is asked for.
/// </summary>
public sealed class NpyFile : IReadOnlyList<float[]>, IDisposable
{
    readonly NpyHeader header;
    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;

    NpyFile(string path, NpyHeader header)
    {
        this.header = header;
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>N</summary>
    public int Count => header.Rows;

    /// <summary>D</summary>
    public int Width => header.Width;

    /// <summary>A row [D]; float64 is rounded to float32.</summary>
    public float[] this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
            return header.ElementSize == sizeof(float) ? Read<float>(row) : Array.ConvertAll(Read<double>(row), number => (float)number);
        }
    }

    /// <summary>Opens a file: its header is read, and its length compared with that.</summary>
    /// <exception cref="IOException">There is no such file, or it can not be read.</exception>
    /// <exception cref="InvalidDataException">It is no such file, holds anything but such a matrix, or is shorter or longer than its header says.</exception>
    public static NpyFile Open(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new(path, NpyHeader.Read(stream));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' can not be read as vectors: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<float[]> GetEnumerator() => Enumerable.Range(0, Count).Select(row => this[row]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }

    T[] Read<T>(int row) where T : unmanaged
    {
        var numbers = new T[Width];
        view.ReadArray(header.Start + ((long)row * Width * header.ElementSize), numbers, 0, Width);
        return numbers;
    }
}
