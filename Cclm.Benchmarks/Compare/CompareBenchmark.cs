using System.Globalization;

namespace Cclm.Benchmarks;

/// <summary>Whole works beside what a user would pick instead, in turns, with the machine's own peak in the same run.</summary>
/// <remarks>
/// <c>--rounds N</c> (5), <c>--only WORD...</c> for some of train, infer and compose, and the options of <see cref="Peers"/> and <see cref="TrainBenchmark"/>. A peer that is not there is left out, and that is said.
/// </remarks>
static class CompareBenchmark
{
    public static void Run(string[] options)
    {
        if (Measure.Option(options, "--as") is { } role)
        {
            Console.WriteLine(role switch
            {
                "train" => TrainBenchmark.Train(options),
                "embed" => InferenceBenchmark.Embed(Measure.Option(options, "--in")!),
                "parts" => InferenceBenchmark.Parts(Measure.Option(options, "--in")!),
                _ => throw new ArgumentException($"There is no side '{role}'."),
            });
            return;
        }
        var rounds = int.Parse(Measure.Option(options, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        var only = Measure.Words(options, "--only");
        var peers = new Peers(options);
        var peak = TrainDevice.Of(options).IsCard ? null : MachinePeak.Measure();
        Console.WriteLine(peak is null ? Processor() : $"{Processor()}, {peak}");
        var folder = Directory.CreateTempSubdirectory("cclm-compare-").FullName;
        try
        {
            Dictionary<string, Func<IEnumerable<Comparison>>> works = new()
            {
                ["train"] = () => TrainBenchmark.Comparisons(peers, options),
                ["infer"] = () => [InferenceBenchmark.Comparison(peers, folder)],
                ["compose"] = () => [ComposedBenchmark.Comparison()],
            };
            foreach (var comparison in works.Where(work => only.Length == 0 || only.Contains(work.Key)).SelectMany(work => work.Value()))
            {
                comparison.Print(rounds, peak?.Float32);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim()
        : System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
}
