using System.Diagnostics;
using System.Globalization;
using Cclm.Training;

namespace Cclm.Benchmarks;

/// <summary>Training of the reference model beside PyTorch, each in a process of its own, in turns.</summary>
static class TrainBenchmark
{
    const int Warm = 3;
    const double ForwardAndBackward = 3;        // work of a step over that of a run: backward is two products for each

    /// <summary>Batches of 32, of 4 and of 1.</summary>
    public static IEnumerable<Comparison> Comparisons(Peers peers)
    {
        foreach (var (rows, steps) in new[] { (32, 15), (4, 60), (1, 120) })
        {
            var work = ForwardAndBackward * ReferenceModel.GigaFlop(rows);
            Side Ours(Precision precision) => new($"ours, {precision}", () => Sample.Parse(Measure.Again("compare", "--as", "train", "--precision", $"{precision}", "--rows", $"{rows}", "--steps", $"{steps}")), work);
            Side Theirs(string precision) => new($"PyTorch, {precision},", () => peers.Python(".", "train", precision, $"{rows}", $"{steps}"), work);
            string Version() => peers.Version("torch");
            yield return new($"a step on {rows} x {ReferenceModel.Length}", "characters", rows * ReferenceModel.Length, 2,
                [Ours(Precision.Float32), Ours(Precision.BFloat16), .. Peers.There((Theirs("float32"), Version), (Theirs("bfloat16"), Version))]);
        }
    }

    /// <summary>Milliseconds of a step.</summary>
    public static Sample Train(string[] options)
    {
        var steps = int.Parse(Measure.Option(options, "--steps")!, CultureInfo.InvariantCulture);
        using var model = new ReferenceModel();
        var clock = new Stopwatch();
        model.Train(model.Batch(int.Parse(Measure.Option(options, "--rows")!, CultureInfo.InvariantCulture)), Enum.Parse<Precision>(Measure.Option(options, "--precision")!), Warm + steps, step =>
        {
            if (step == Warm)
            {
                clock.Start();
            }
        });
        return new(clock.Elapsed.TotalMilliseconds / steps, Measure.PeakMegabytes());
    }

}
