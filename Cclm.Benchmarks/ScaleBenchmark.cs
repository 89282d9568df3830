using System.Globalization;
using Cclm.Training;
using Cclm.Training.Data;
using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>Two processes of one thread that train together, against one; and what the model of communication says of many machines.</summary>
/// <remarks><c>--mpirun COMMAND</c> starts processes (default <c>mpirun</c>, which is asked for two); <c>--rounds N</c>, five without it.</remarks>
static class ScaleBenchmark
{
    const int Rows = 16, Batches = 2, Steps = 24, Span = 4;
    const int Reductions = 3;           // of a step: gradients, loss, whether to stop
    const double Latency = 30e-6;       // seconds of a message, as TCP has it in one room

    public static void Run(string[] options)
    {
        if (Measure.Option(options, "--as") is { } role)
        {
            var threads = int.Parse(role, CultureInfo.InvariantCulture);
            Console.Write(options.Contains("--together") ? MpiRanks.Run(ranks => Rank(threads, ranks.Rank), error =>
            {
                Console.Error.WriteLine(error);
                return 1;
            }) : Rank(threads, rank: 0));
            return;
        }
        var mpirun = (Measure.Option(options, "--mpirun") ?? "mpirun").Split(' ');
        Environment.SetEnvironmentVariable("OMPI_MCA_rmaps_base_oversubscribe", "1");
        Side Alone(int threads) => new($"one process of {threads} thread{(threads == 1 ? "" : "s")}", () => Sample.Parse(Measure.Again("scale", "--as", $"{threads}")));
        var together = new Side("ours, two processes of 1 thread", () => Sample.Parse(Measure.InAProcess(mpirun[0],
            [.. mpirun[1..], "-n", "2", "dotnet", "exec", typeof(ScaleBenchmark).Assembly.Location, "scale", "--as", "1", "--together"], ".")));
        var samples = new Comparison($"a step of {Batches} batches of {Rows} x {ReferenceModel.Length}", "characters", Batches * Rows * ReferenceModel.Length, 1, [together, Alone(1), Alone(2)])
            .Print(int.Parse(Measure.Option(options, "--rounds") ?? "5", CultureInfo.InvariantCulture), peak: null);
        using var model = new ReferenceModel();
        Predict(Measure.Median(samples[1].Select(sample => sample.Milliseconds)) / 1000, model.Parameters);
    }

    /// <summary>Milliseconds of a step of the training loop, by the median of spans, as a line of the first rank's.</summary>
    static string Rank(int threads, int rank)
    {
        torch.set_num_threads(threads);
        var random = new Random(1);
        using var model = new ReferenceModel();
        var spans = model.SpansOf(RowSource.Of([.. Enumerable.Range(0, 2_000).Select(_ => ServedModel.Text(random, ReferenceModel.Length - 1))]),
            new() { Steps = Steps, BatchSize = Rows, Accumulate = Batches, ReportEvery = Span, LearningRate = 3e-4 });
        return rank == 0 ? $"{new Sample(Measure.Median(spans) * 1000 / Span, Measure.PeakMegabytes())}\n" : "";
    }

    /// <summary>Efficiency by rings: each rank sends 2 (W - 1) / W of the gradients in 2 (W - 1) messages, and as many again for the loss and for whether to stop, after its batches.</summary>
    /// <param name="step">Seconds of one process's step, of which each rank has its share.</param>
    /// <param name="parameters">Gradients, of 4 bytes.</param>
    static void Predict(double step, long parameters)
    {
        Console.WriteLine($"\n{parameters:N0} gradients, {parameters * 4 / 1e6:F1} MB a step; each of W ranks has one batch of {Rows} x {ReferenceModel.Length}, which takes {step / Batches * 1000:F0} ms.\n");
        double[] gigabits = [1, 10, 25, 100];
        Console.WriteLine($"| ranks | MB a rank sends | {string.Join(" | ", gigabits.Select(speed => $"efficiency at {speed} Gbit/s"))} |\n|---|---|{string.Concat(gigabits.Select(_ => "---|"))}");
        foreach (var ranks in (int[])[2, 4, 8, 16, 32, 64])
        {
            var bytes = 2.0 * (ranks - 1) / ranks * parameters * 4;
            double Efficiency(double speed) => 1 / (1 + (((bytes / (speed * 1e9 / 8)) + (Reductions * 2 * (ranks - 1) * Latency)) / (step / Batches)));
            Console.WriteLine($"| {ranks} | {bytes / 1e6:F1} | {string.Join(" | ", gigabits.Select(speed => $"{Efficiency(speed):P0}"))} |");
        }
    }
}
