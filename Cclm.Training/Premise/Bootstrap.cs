namespace Cclm.Training.Premise;

/// <summary>How far a measure would move if the test had been another one of its size (Efron and Tibshirani 1993, percentile intervals).</summary>
public static class Bootstrap
{
    const int Samples = 1_000;
    const double Tail = 0.025;

    /// <summary>The 95 % interval of a mean over test items.</summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> items) => Interval(items.Count, rows => rows.Average(row => items[row]));

    /// <summary>The 95 % interval of any measure of test items.</summary>
    /// <param name="items">How many there are.</param>
    /// <param name="measure">The measure of some of them, an item perhaps several times.</param>
    public static (double Low, double High) Interval(int items, Func<int[], double> measure)
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, Samples).Select(_ => measure([.. Enumerable.Range(0, items).Select(_ => random.Next(items))])).Order()];
        return (values[(int)(Tail * Samples)], values[(int)((1 - Tail) * Samples) - 1]);
    }
}
