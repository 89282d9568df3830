using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// The mean cosine of the student's vectors with the teacher's, and what the mean of the teacher's vectors would reach for every text; and
/// Pearson's correlation of the cosines that the two find between the texts of a batch.
/// </summary>
/// <param name="comparesVectors">Whether the student's vectors are of the teacher's space; if not, the cosines between texts are all there is.</param>
sealed class TeacherScores(bool comparesVectors) : Metric
{
    readonly Correlation alike = new();
    double[] sum = [];
    double cosines;
    long count;

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        alike.Add(Pairs(answer.Output), Pairs(answer.Expected));
        if (!comparesVectors)
        {
            return;
        }
        cosines += functional.cosine_similarity(answer.Output, answer.Expected, dim: 1).sum().item<float>();
        var directions = functional.normalize(answer.Expected, p: 2, dim: 1).sum(dim: 0).cpu().data<float>().ToArray();
        sum = sum.Length == 0 ? [.. directions.Select(value => (double)value)] : [.. sum.Zip(directions, (a, b) => a + b)];
        count += answer.Count;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => comparesVectors
        // The mean of unit vectors has with each of them, in the mean, a cosine that is its own length.
        ? [new("cosine", cosines / count, Share: false), new("cosine of the mean vector", Math.Sqrt(sum.Sum(value => value * value)) / count, Share: false), alike.Measure]
        : [alike.Measure];

    /// <summary>The cosines of all pairs of different rows: [B,D] -> B(B-1)/2 numbers.</summary>
    static float[] Pairs(Tensor vectors)
    {
        var above = ones(vectors.shape[0], vectors.shape[0], device: vectors.device).triu(1).to(ScalarType.Bool);
        return PooledVectors.Cosines(vectors)[above].cpu().data<float>().ToArray();
    }

    /// <summary>Pearson's correlation of numbers that come in pairs; 0 where one of the two does not vary.</summary>
    sealed class Correlation
    {
        double n, x, y, xx, yy, xy;

        public void Add(float[] first, float[] second)
        {
            foreach (var (a, b) in first.Zip(second, (a, b) => ((double)a, (double)b)))
            {
                (n, x, y, xx, yy, xy) = (n + 1, x + a, y + b, xx + (a * a), yy + (b * b), xy + (a * b));
            }
        }

        public Measure Measure
        {
            get
            {
                var scale = Math.Sqrt(Math.Max(0, (n * xx) - (x * x)) * Math.Max(0, (n * yy) - (y * y)));
                return new("correlation of similarities", scale > 0 ? ((n * xy) - (x * y)) / scale : 0, Share: false);
            }
        }
    }
}
