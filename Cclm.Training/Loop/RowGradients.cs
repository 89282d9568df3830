using System.Numerics.Tensors;
using Tensor = TorchSharp.torch.Tensor;

namespace Cclm.Training;

/// <summary>The gradient of a table [V,C] of which a batch has read few rows: those, each once.</summary>
sealed unsafe class RowGradients
{
    const int NumbersAtOnce = 1 << 16;

    readonly float* numbers;                // [N,C], libtorch's memory, which does not move
    readonly long[] rows;                   // each once, ascending
    readonly int[] places;                  // of each, which of the N its gradient is

    /// <param name="table">The table's weights among all.</param>
    /// <param name="gradient">A sparse tensor [V,C] in which a row may be several times. It is changed, and read as long as the caller's dispose scope lasts.</param>
    public RowGradients(WeightRange table, Tensor gradient)
    {
        Table = table;
        var values = gradient.SparseValues;
        Width = (int)values.shape[1];
        fixed (byte* begin = values.bytes)
        {
            numbers = (float*)begin;
        }
        long[] read = [.. gradient.SparseIndices.data<long>()];                                         // [1,N]
        int[] order = [.. Enumerable.Range(0, read.Length)];
        Array.Sort(read, order);
        int[] begins = [.. Enumerable.Range(0, read.Length).Where(i => i == 0 || read[i] != read[i - 1])];
        (rows, places) = ([.. begins.Select(i => read[i])], [.. begins.Select(i => order[i])]);
        for (var row = 0; row < rows.Length; row++)
        {
            var sum = new Span<float>(GradientOf(row), Width);
            for (var i = begins[row] + 1; i < read.Length && read[i] == rows[row]; i++)
            {
                TensorPrimitives.Add(sum, new ReadOnlySpan<float>(numbers + ((long)order[i] * Width), Width), sum);
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
    public double SumOfSquares { get; }

    /// <summary>Where a row's weights begin among all weights.</summary>
    public long StartOf(int row) => Table.Start + (rows[row] * Width);

    /// <summary>A row's gradient, [C].</summary>
    public float* GradientOf(int row) => numbers + ((long)places[row] * Width);
}
