using System.Numerics.Tensors;

namespace EmbeddingService;

/// <summary>Vectors along the directions in which they differ most (Pearson 1901), found one after the other by power iteration.</summary>
static class PrincipalComponents
{
    const int MostSteps = 500;
    const double Converged = 1e-12;         // what a step changes of the cosine with the one before it

    /// <param name="vectors">N vectors [D].</param>
    /// <param name="components">K, how many directions.</param>
    /// <returns>For each vector its K coordinates, from the mean of all; and for each direction its share of the variance.</returns>
    public static (double[][] Points, double[] Variance) Of(IReadOnlyList<float[]> vectors, int components)
    {
        var rows = Centred(vectors);
        double[][] points = [.. rows.Select(_ => new double[components])];
        var (variance, all) = (new double[components], rows.Sum(row => TensorPrimitives.SumOfSquares<double>(row)));
        for (var k = 0; k < components; k++)
        {
            var direction = Direction(rows, seed: k);
            for (var i = 0; i < rows.Length; i++)
            {
                points[i][k] = TensorPrimitives.Dot<double>(rows[i], direction);
                TensorPrimitives.MultiplyAdd(direction, -points[i][k], rows[i], rows[i]);       // the next direction is at right angles to this one
            }
            variance[k] = all > 0 ? points.Sum(point => point[k] * point[k]) / all : 0;
        }
        return (points, variance);
    }

    static double[][] Centred(IReadOnlyList<float[]> vectors)
    {
        double[][] rows = [.. vectors.Select(vector => Array.ConvertAll(vector, number => (double)number))];
        var mean = new double[rows[0].Length];
        foreach (var row in rows)
        {
            TensorPrimitives.MultiplyAdd(row, 1d / rows.Length, mean, mean);
        }
        foreach (var row in rows)
        {
            TensorPrimitives.Subtract(row, mean, row);
        }
        return rows;
    }

    /// <summary>The unit vector that the covariance stretches most; 0 where nothing differs any more.</summary>
    static double[] Direction(double[][] rows, int seed)
    {
        var random = new Random(seed);      // no direction that a given set of vectors could lie at right angles to
        double[] direction = [.. rows[0].Select(_ => random.NextDouble() - 0.5)];
        for (var (step, cosine) = (0, 0d); step < MostSteps && 1 - cosine > Converged; step++)
        {
            var next = new double[direction.Length];
            foreach (var row in rows)
            {
                TensorPrimitives.MultiplyAdd(row, TensorPrimitives.Dot<double>(row, direction), next, next);
            }
            if (TensorPrimitives.Norm<double>(next) == 0)
            {
                return next;
            }
            cosine = TensorPrimitives.CosineSimilarity<double>(next, direction);
            TensorPrimitives.Divide(next, TensorPrimitives.Norm<double>(next), direction);
        }
        return direction;
    }
}
