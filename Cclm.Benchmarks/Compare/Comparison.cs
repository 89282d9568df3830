using System.Globalization;

namespace Cclm.Benchmarks;

/// <summary>What one run of a side took.</summary>
/// <param name="Milliseconds">For the work once.</param>
/// <param name="Megabytes">The most that its process had resident; null where it has no process of its own.</param>
readonly record struct Sample(double Milliseconds, double? Megabytes = null)
{
    /// <summary>Reads "MILLISECONDS MEGABYTES", the line that a process ends with.</summary>
    public static Sample Parse(string line) => line.Split(' ') is [var time, .. var memory]
        ? new(double.Parse(time, CultureInfo.InvariantCulture), memory is [var megabytes] ? double.Parse(megabytes, CultureInfo.InvariantCulture) : null)
        : throw new FormatException($"'{line}' is no sample.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds} {Megabytes}").Trim();
}

/// <summary>One way to do a work.</summary>
/// <param name="Name">What a table calls it.</param>
/// <param name="Run">Does it.</param>
/// <param name="GigaFlop">What it computes for that, in 10^9 operations by <see cref="Cclm.Export.ModelCost"/>; null where that says nothing of it.</param>
sealed record Side(string Name, Func<Sample> Run, double? GigaFlop = null);

/// <summary>One work done in several ways, in turns.</summary>
/// <param name="Title">What the work is.</param>
/// <param name="Unit">What is counted, such as characters.</param>
/// <param name="Count">How many of them.</param>
/// <param name="Ours">How many of the sides, the first, are ours: of these it is said how many times as fast as each they are.</param>
/// <param name="Sides">The ways.</param>
sealed record Comparison(string Title, string Unit, double Count, int Ours, params IReadOnlyList<Side> Sides)
{
    /// <summary>Runs every side in every round, and prints the table.</summary>
    /// <param name="rounds">How often.</param>
    /// <param name="peak">GFLOP/s of the machine, which speeds are shares of; null for no such column.</param>
    /// <returns>For each side what its rounds took.</returns>
    public IReadOnlyList<Sample[]> Print(int rounds, double? peak)
    {
        var samples = Sides.Select(_ => new Sample[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var side = 0; side < Sides.Count; side++)
            {
                samples[side][round] = Sides[side].Run();
            }
        }
        var memory = samples.SelectMany(side => side).Any(sample => sample.Megabytes is not null);
        string[] header = [Title, $"ms, median of {rounds}", "spread", $"{Unit}/s", .. peak is null ? (string[])[] : ["of the float32 peak"], .. Sides.Take(Ours).Select(side => $"{side.Name}: times as fast"), .. memory ? (string[])["most memory, MB"] : []];
        Console.WriteLine($"\n{Row(header)}\n{Row([.. header.Select(_ => "---")])}");
        for (var side = 0; side < Sides.Count; side++)
        {
            double[] times = [.. samples[side].Select(sample => sample.Milliseconds)];
            var time = Measure.Median(times);
            string Shown(double milliseconds) => milliseconds.ToString(time < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
            Console.WriteLine(Row([
                Sides[side].Name, Shown(time), $"{Shown(times.Min())} to {Shown(times.Max())}",
                (Count / time * 1000).ToString("N0", CultureInfo.InvariantCulture),
                .. peak is null ? (string[])[] : [Sides[side].GigaFlop is { } work ? (work / time * 1000 / peak.Value).ToString("P0", CultureInfo.InvariantCulture) : ""],
                .. samples.Take(Ours).Select(ours => $"{Measure.Median(samples[side].Zip(ours, (its, our) => its.Milliseconds / our.Milliseconds)):F2}"),
                .. !memory ? (string[])[] : [samples[side].All(sample => sample.Megabytes is not null) ? $"{Measure.Median(samples[side].Select(sample => sample.Megabytes!.Value)):F0}" : ""],
            ]));
        }
        return samples;
    }

    static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";
}
