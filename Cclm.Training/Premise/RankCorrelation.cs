namespace Cclm.Training.Premise;

/// <summary>Spearman's rank correlation.</summary>
public static class RankCorrelation
{
    /// <summary>Pearson's correlation of the ranks, equal values having the mean of theirs.</summary>
    public static double Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var (x, y) = (Ranks(first), Ranks(second));
        var (meanX, meanY) = (x.Average(), y.Average());
        var (both, squaresX, squaresY) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            both += (x[i] - meanX) * (y[i] - meanY);
            squaresX += (x[i] - meanX) * (x[i] - meanX);
            squaresY += (y[i] - meanY) * (y[i] - meanY);
        }
        return both / Math.Sqrt(squaresX * squaresY);
    }

    static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Count];
        for (var begin = 0; begin < order.Length;)
        {
            var end = begin;
            while (end < order.Length && values[order[end]] == values[order[begin]])
            {
                end++;
            }
            foreach (var i in order.AsSpan(begin, end - begin))
            {
                ranks[i] = (begin + end - 1) / 2.0;
            }
            begin = end;
        }
        return ranks;
    }
}
