using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The largest singular values of a sparse matrix and their left vectors, by random projection (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1).</summary>
static class TruncatedSvd
{
    const int Oversampling = 16, Iterations = 3;

    /// <summary>A vector of each row: U S^(1/2) of the matrix's D largest singular values, [V,D].</summary>
    public static float[][] Rows(SparseMatrix matrix, int dimensions)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var width = Math.Min(dimensions + Oversampling, matrix.Size);
        var random = new Random(1);
        float[] projection = [.. Enumerable.Range(0, matrix.Size * width).Select(_ => Normal(random))];
        var range = Orthonormal(matrix.Times(projection, width), width);
        for (var i = 0; i < Iterations; i++)
        {
            range = Orthonormal(matrix.Times(Orthonormal(matrix.TransposedTimes(range, width), width), width), width);
        }
        var small = Matrix(matrix.TransposedTimes(range, width), width);                            // B^T = A^T Q, [V,K]
        var (squares, rotation) = linalg.eigh(small.t().matmul(small));                             // B B^T = W S^2 W^T, ascending
        var vectors = Matrix(range, width).matmul(rotation).mul(squares.clamp_min(Scalars.Kept(0)).pow(Scalars.Kept(0.25)))    // Q W S^(1/2)
            .narrow(1, width - dimensions, dimensions).contiguous();
        return [.. vectors.data<float>().ToArray().Chunk(dimensions)];
    }

    static float[] Orthonormal(float[] columns, int width)
    {
        using var scope = NewDisposeScope();
        return linalg.qr(Matrix(columns, width)).Q.contiguous().data<float>().ToArray();
    }

    static Tensor Matrix(float[] numbers, int width) => tensor(numbers).view(-1, width);

    /// <summary>A normally distributed number (Box and Muller 1958).</summary>
    static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
