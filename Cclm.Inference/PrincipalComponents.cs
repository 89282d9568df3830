using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>
/// The directions in which vectors differ most, the first most of all: leading eigenvectors of their covariance, by orthogonal
/// iteration (Golub and Van Loan 2013, section 8.2.4).
/// </summary>
/// <remarks>Own code, as no library that finds some eigenvectors of many can be compiled ahead of time.</remarks>
sealed class PrincipalComponents
{
    const int Iterations = 30;
    const float Nothing = 1e-6f;        // what is left of a direction that is another one

    readonly float[][] components;      // [K][D], of length 1 and at right angles; zero where the vectors have fewer directions
    readonly float[] variances;         // [K], along them

    /// <param name="vectors">N vectors [D] of mean 0.</param>
    /// <param name="count">K, at most D.</param>
    public PrincipalComponents(IReadOnlyList<float[]> vectors, int count)
    {
        var covariance = Covariance(vectors);
        var random = new Random(1);
        components = [.. Enumerable.Range(0, count).Select(_ => covariance.Select(_ => random.NextSingle() - 0.5f).ToArray())];
        Orthonormalize(components);
        for (var i = 0; i < Iterations; i++)
        {
            Parallel.For(0, count, k => components[k] = Product(covariance, components[k]));
            Orthonormalize(components);
        }
        Orthonormalize(components);     // what rounding has left
        variances = [.. components.Select(component => TensorPrimitives.Dot(component, Product(covariance, component)))];
    }

    /// <summary>The directions, [K][D].</summary>
    public IReadOnlyList<float[]> Components => components;

    /// <summary>How much the vectors differ along each, [K].</summary>
    public IReadOnlyList<float> Variances => variances;

    /// <summary>[D][D]</summary>
    static float[][] Covariance(IReadOnlyList<float[]> vectors)
    {
        float[][] columns = [.. vectors[0].Select((_, d) => vectors.Select(vector => vector[d]).ToArray())];
        float[][] covariance = [.. columns.Select(_ => new float[columns.Length])];
        Parallel.For(0, columns.Length, i =>
        {
            for (var j = 0; j <= i; j++)
            {
                covariance[i][j] = covariance[j][i] = TensorPrimitives.Dot(columns[i], columns[j]) / vectors.Count;
            }
        });
        return covariance;
    }

    static float[] Product(float[][] matrix, float[] vector) => [.. matrix.Select(row => TensorPrimitives.Dot(row, vector))];

    /// <summary>Takes from each what those before it have in it (modified Gram-Schmidt).</summary>
    static void Orthonormalize(float[][] vectors)
    {
        for (var k = 0; k < vectors.Length; k++)
        {
            var vector = vectors[k];
            var before = TensorPrimitives.Norm<float>(vector);
            for (var j = 0; j < k; j++)
            {
                TensorPrimitives.MultiplyAdd(vectors[j], -TensorPrimitives.Dot(vectors[j], vector), vector, vector);
            }
            var length = TensorPrimitives.Norm<float>(vector);
            TensorPrimitives.Multiply(vector, length > Nothing * before ? 1 / length : 0, vector);
        }
    }
}
