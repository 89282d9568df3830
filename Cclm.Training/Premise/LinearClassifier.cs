using System.Numerics.Tensors;

namespace Cclm.Training.Premise;

/// <summary>
/// A linear classifier, one class against all others: L2-regularised squared hinge loss, by dual coordinate descent (Hsieh et al. 2008,
/// algorithm 1), as LIBLINEAR trains it. What is regularised how much is chosen on held-out rows, or by cross-validation where there are few.
/// </summary>
public sealed class LinearClassifier
{
    const int Epochs = 40, Folds = 4, FewRows = 2_000, HeldOutOneIn = 10;
    const double Enough = 0.01;                             // change of an epoch, at which it ends

    readonly float[][] weights;                             // of each class, [D] and the bias

    LinearClassifier(float[][] weights) => this.weights = weights;

    /// <summary>What errors cost, of which one is chosen.</summary>
    public static IReadOnlyList<double> Penalties { get; } = [0.1, 1, 10];

    /// <summary>Trains on some rows.</summary>
    /// <param name="features">Vectors of length 1.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="labels">The class of each row of <paramref name="features"/>, from 0.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="versions">In how many versions each text is among the rows, one after the other: all are held out together.</param>
    public static LinearClassifier Train(Features features, IReadOnlyList<int> rows, IReadOnlyList<int> labels, int classes, int versions = 1)
    {
        LinearClassifier With(double penalty, IReadOnlyList<int> some) => Fit(features, some, (row, label) => labels[row] == label, classes, penalty);
        return With(Penalties.MaxBy(penalty => Parts(rows, versions).Sum(part => With(penalty, part.Train).Right(features, part.HeldOut, labels))), rows);
    }

    /// <summary>Trains on some rows, of which each can have any number of classes.</summary>
    /// <param name="features">Vectors of length 1.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="isOf">Whether a row has a class.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="penalty">What errors cost.</param>
    public static LinearClassifier Fit(Features features, IReadOnlyList<int> rows, Func<int, int, bool> isOf, int classes, double penalty)
    {
        var fitted = new float[classes][];
        Parallel.For(0, classes, label => fitted[label] = Separate(features, rows, row => isOf(row, label) ? 1 : -1, penalty));
        return new(fitted);
    }

    /// <summary>How much speaks for each class of a row: above 0 what it was trained to tell.</summary>
    public float[] Scores(Features features, int row) => [.. weights.Select(each => features.Dot(row, each.AsSpan(0, features.Width)) + each[^1])];

    /// <summary>The likeliest class of a row.</summary>
    public int Classify(Features features, int row) => TensorPrimitives.IndexOfMax(Scores(features, row));

    int Right(Features features, IReadOnlyList<int> rows, IReadOnlyList<int> labels) => rows.Count(row => Classify(features, row) == labels[row]);

    static IEnumerable<(IReadOnlyList<int> Train, IReadOnlyList<int> HeldOut)> Parts(IReadOnlyList<int> rows, int versions)
    {
        var (parts, used) = rows.Count <= FewRows * versions ? (Folds, Folds) : (HeldOutOneIn, 1);
        return Enumerable.Range(0, used).Select(part => ((IReadOnlyList<int>)[.. rows.Where((_, i) => i / versions % parts != part)], (IReadOnlyList<int>)[.. rows.Where((_, i) => i / versions % parts == part)]));
    }

    static float[] Separate(Features features, IReadOnlyList<int> rows, Func<int, int> sign, double penalty)
    {
        var (weights, duals, random) = (new float[features.Width + 1], new double[rows.Count], new Random(1));
        var (diagonal, squared) = (1 / (2 * penalty), 2.0);         // rows have length 1, and 1 for the bias
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(order);
            var changed = 0.0;
            foreach (var i in order)
            {
                var y = sign(rows[i]);
                var gradient = (y * (features.Dot(rows[i], weights.AsSpan(0, features.Width)) + weights[^1])) - 1 + (diagonal * duals[i]);
                var dual = Math.Max(duals[i] - (gradient / (squared + diagonal)), 0);
                if (dual != duals[i])
                {
                    var step = (float)((dual - duals[i]) * y);
                    features.AddTo(rows[i], step, weights.AsSpan(0, features.Width));
                    weights[^1] += step;
                    changed = Math.Max(changed, Math.Abs(dual - duals[i]));
                    duals[i] = dual;
                }
            }
            if (changed < Enough * Math.Min(1, penalty))
            {
                break;
            }
        }
        return weights;
    }
}
