using System.Diagnostics;

namespace Cclm.Benchmarks;

/// <summary>Times of works that take turns, so that what the machine does besides falls on all of them alike.</summary>
static class Measure
{
    /// <summary>Seconds of each work in each round, after one round that does not count.</summary>
    public static double[][] InTurns(int rounds, params Action[] works)
    {
        var times = works.Select(_ => new double[rounds]).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < works.Length; i++)
            {
                var clock = Stopwatch.StartNew();
                works[i]();
                if (round >= 0)
                {
                    times[i][round] = clock.Elapsed.TotalSeconds;
                }
            }
        }
        return times;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
