using System.Buffers;
using System.Numerics.Tensors;
using Tensor = TorchSharp.torch.Tensor;

namespace Cclm.Training;

/// <summary>The gradient of a table [V,C] of which a batch has read few rows: those, each once.</summary>
sealed unsafe class RowGradients : IDisposable
{
    const int NumbersAtOnce = 1 << 16;

    readonly float* numbers;                // [N,C], libtorch's memory, which does not move; several tables may have it in common
    readonly long[] read;                   // the row of each of the N; ascending once they are summed
    long[] rows = [];                       // each once, ascending
    float[] sums = [];                      // [rows,C] and perhaps more

    /// <param name="table">The table's weights among all.</param>
    /// <param name="gradient">A sparse tensor [V,C] in which a row may be several times. It is read by <see cref="Sum"/>, and has to be there until then.</param>
    public RowGradients(WeightRange table, Tensor gradient)
    {
        Table = table;
        var values = gradient.SparseValues;
        Width = (int)values.shape[1];
        fixed (byte* begin = values.bytes)
        {
            numbers = (float*)begin;
        }
        read = [.. gradient.SparseIndices.data<long>()];                                                // [1,N]
    }

    /// <summary>Sums what is there of each row; of several tables at the same time, if one likes.</summary>
    public void Sum()
    {
        int[] order = [.. Enumerable.Range(0, read.Length)];
        Array.Sort(read, order);
        int[] begins = [.. Enumerable.Range(0, read.Length).Where(i => i == 0 || read[i] != read[i - 1])];
        rows = [.. begins.Select(i => read[i])];
        sums = ArrayPool<float>.Shared.Rent(rows.Length * Width);
        for (var row = 0; row < rows.Length; row++)
        {
            var sum = sums.AsSpan(row * Width, Width);
            Numbers(order[begins[row]]).CopyTo(sum);
            for (var i = begins[row] + 1; i < read.Length && read[i] == rows[row]; i++)
            {
                TensorPrimitives.Add(sum, Numbers(order[i]), sum);
            }
            SumOfSquares += TensorPrimitives.SumOfSquares<float>(sum);
        }
    }

    /// <summary>The table's weights among all.</summary>
    public WeightRange Table { get; }

    /// <summary>C</summary>
    public int Width { get; }

    /// <summary>Rows that have a gradient.</summary>
    public int Count => rows.Length;

    /// <summary>Rows that one thread takes in a row.</summary>
    public int RowsAtOnce => Math.Max(1, NumbersAtOnce / Width);

    /// <summary>Of all numbers.</summary>
    public double SumOfSquares { get; private set; }

    /// <summary>Where a row's weights begin among all weights.</summary>
    public long StartOf(int row) => Table.Start + (rows[row] * Width);

    /// <summary>A row's gradient, [C].</summary>
    public ReadOnlySpan<float> GradientOf(int row) => sums.AsSpan(row * Width, Width);

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(sums);
        (rows, sums) = ([], []);
    }

    ReadOnlySpan<float> Numbers(int i) => new(numbers + ((long)i * Width), Width);
}
