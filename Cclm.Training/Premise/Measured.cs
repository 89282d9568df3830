namespace Cclm.Training.Premise;

/// <summary>One number of an evaluation, with what it was measured on.</summary>
/// <param name="Study">What was measured, such as <c>AG News, 100 labels a class</c>.</param>
/// <param name="Noise">What was done to the test's texts.</param>
/// <param name="Model">Which model.</param>
/// <param name="Measure">The measure, such as <c>accuracy</c>.</param>
/// <param name="Seeds">Its value for each seed; one where nothing is drawn.</param>
/// <param name="Low">Where the 95 % interval over test items begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Items">Test items.</param>
public sealed record Measured(string Study, string Noise, string Model, string Measure, IReadOnlyList<double> Seeds, double Low, double High, int Items)
{
    /// <summary>The mean over the seeds.</summary>
    public double Mean => Seeds.Average();

    /// <summary>The standard deviation over the seeds; 0 for one.</summary>
    public double Deviation => Seeds.Count < 2 ? 0 : Math.Sqrt(Seeds.Sum(seed => (seed - Mean) * (seed - Mean)) / (Seeds.Count - 1));

    /// <summary>A mean over test items, from each item's score under each seed.</summary>
    /// <param name="study">What was measured.</param>
    /// <param name="noise">What was done to the texts.</param>
    /// <param name="model">Which model.</param>
    /// <param name="measure">The measure.</param>
    /// <param name="scores">[seeds][items]</param>
    public static Measured Of(string study, string noise, string model, string measure, IReadOnlyList<double[]> scores)
    {
        double[] items = [.. Enumerable.Range(0, scores[0].Length).Select(item => scores.Average(seed => seed[item]))];
        var (low, high) = Bootstrap.Interval(items);
        return new(study, noise, model, measure, [.. scores.Select(seed => seed.Average())], low, high, items.Length);
    }
}
