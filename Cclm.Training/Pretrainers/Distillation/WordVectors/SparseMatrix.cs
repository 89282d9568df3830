using System.Numerics.Tensors;

namespace Cclm.Training;

/// <summary>A square matrix of few numbers above 0, by rows (CSR): [V,V].</summary>
sealed class SparseMatrix
{
    const int Columns = 32;             // of a dense matrix that one thread works on

    readonly int[] begins;              // [V+1]
    readonly int[] columns;
    readonly float[] values;

    SparseMatrix(int[] begins) => (this.begins, columns, values) = (begins, new int[begins[^1]], new float[begins[^1]]);

    /// <summary>V</summary>
    public int Size => begins.Length - 1;

    /// <summary>Its product with a dense matrix, [V,V] x [V,K].</summary>
    public float[] Times(float[] dense, int width)
    {
        var product = new float[dense.Length];
        Parallel.For(0, Size, row =>
        {
            var sum = product.AsSpan(row * width, width);
            for (var i = begins[row]; i < begins[row + 1]; i++)
            {
                TensorPrimitives.MultiplyAdd(dense.AsSpan(columns[i] * width, width), values[i], sum, sum);
            }
        });
        return product;
    }

    /// <summary>The product of its transpose with a dense matrix, [V,V] x [V,K].</summary>
    public float[] TransposedTimes(float[] dense, int width)
    {
        var product = new float[dense.Length];
        Parallel.For(0, (width + Columns - 1) / Columns, slice =>
        {
            var (begin, length) = (slice * Columns, Math.Min(Columns, width - slice * Columns));
            for (var row = 0; row < Size; row++)
            {
                var factor = dense.AsSpan(row * width + begin, length);
                for (var i = begins[row]; i < begins[row + 1]; i++)
                {
                    var sum = product.AsSpan(columns[i] * width + begin, length);
                    TensorPrimitives.MultiplyAdd(factor, values[i], sum, sum);
                }
            }
        });
        return product;
    }

    /// <summary>Makes a matrix in two passes over its numbers, in any order; those that are not above 0 are left out.</summary>
    public sealed class Builder(int size)
    {
        readonly int[] begins = new int[size + 1];
        int[] next = [];

        /// <summary>The matrix, once all is added.</summary>
        public SparseMatrix Matrix { get; private set; } = new(new int[1]);

        /// <summary>First pass: a number will come.</summary>
        public void Reserve(int row, float value) => begins[row + 1] += value > 0 ? 1 : 0;

        /// <summary>Between the passes.</summary>
        public void Allocate()
        {
            for (var row = 0; row < size; row++)
            {
                begins[row + 1] += begins[row];
            }
            (Matrix, next) = (new(begins), begins[..size]);
        }

        /// <summary>Second pass: the number.</summary>
        public void Add(int row, int column, float value)
        {
            if (value > 0)
            {
                Matrix.columns[next[row]] = column;
                Matrix.values[next[row]++] = value;
            }
        }
    }
}
