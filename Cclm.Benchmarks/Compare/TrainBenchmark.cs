using System.Diagnostics;
using System.Globalization;
using Cclm.Training;

namespace Cclm.Benchmarks;

/// <summary>Training of the reference model beside PyTorch, each in a process of its own, in turns.</summary>
/// <remarks>
/// <c>--device cuda</c> (cpu); <c>--size NAME...</c> for the model (one), that of ten times the weights (ten), or both; <c>--rows N...</c> for
/// other batches, and <c>--steps N</c> for how many steps are timed.
/// </remarks>
static class TrainBenchmark
{
    const double ForwardAndBackward = 3;        // work of a step over that of a run: backward is two products for each

    /// <summary>Batches of 32, of 4 and of 1; a card is given larger ones.</summary>
    public static IEnumerable<Comparison> Comparisons(Peers peers, string[] options)
    {
        var device = TrainDevice.Of(options);
        foreach (var size in Measure.Words(options, "--size") is { Length: > 0 } named ? named : ["one"])
        {
            foreach (var (rows, steps) in Batches(device, options))
            {
                yield return Comparison(peers, device, size, rows, steps);
            }
        }
    }

    static Comparison Comparison(Peers peers, TrainDevice device, string name, int rows, int steps)
    {
        var size = ModelSize.Named(name);
        double? work = device.IsCard ? null : ForwardAndBackward * ReferenceModel.GigaFlop(rows, size);
        Side Ours(Precision precision, string how = "") => new($"ours, {precision}{how}", () => Sample.Parse(Measure.Again(
            "compare", "--as", "train", "--device", device.Name, "--size", name, "--precision", $"{precision}", "--rows", $"{rows}", "--steps", $"{steps}")), work);
        Side Theirs(string precision, string how = "") => new($"PyTorch, {precision}{how},", () => peers.Python(
            ".", "train", precision, $"{rows}", $"{steps}", device.Name, $"{size.Filters}", $"{size.Layers}"), work);
        string Version() => peers.Version("torch");
        return new($"a step on {rows} x {ReferenceModel.Length}{(name == "one" ? "" : Weights(size))}", "characters", rows * ReferenceModel.Length, 2,
            [Ours(Precision.Float32, device.Float32), Ours(Precision.BFloat16), .. Peers.There((Theirs("float32", device.Float32), Version), (Theirs("bfloat16"), Version))]);
    }

    /// <summary>Milliseconds of a step.</summary>
    public static Sample Train(string[] options)
    {
        var (device, steps) = (TrainDevice.Of(options), Number(Measure.Option(options, "--steps")!));
        device.Prepare();
        using var model = new ReferenceModel(ModelSize.Named(Measure.Option(options, "--size") ?? "one"));
        var clock = new Stopwatch();
        model.Train(model.Batch(Number(Measure.Option(options, "--rows")!)), Enum.Parse<Precision>(Measure.Option(options, "--precision")!), device.Warm + steps, step =>
        {
            if (step == device.Warm)
            {
                device.Wait();
                clock.Start();
            }
        }, device.Type);
        device.Wait();
        return new(clock.Elapsed.TotalMilliseconds / steps, device.IsCard ? null : Measure.PeakMegabytes());
    }

    static IEnumerable<(int Rows, int Steps)> Batches(TrainDevice device, string[] options)
    {
        const int Steps = 50;
        (int Rows, int Steps)[] usual = device.IsCard ? [(32, 2 * Steps), (256, Steps)] : [(32, 15), (4, 100), (1, 200)];
        var chosen = Measure.Words(options, "--rows") is { Length: > 0 } rows ? rows.Select(number => (Rows: Number(number), Steps)) : usual;
        return Measure.Option(options, "--steps") is { } steps ? chosen.Select(batch => (batch.Rows, Number(steps))) : chosen;
    }

    static string Weights(ModelSize size)
    {
        using var model = new ReferenceModel(size);
        return string.Create(CultureInfo.InvariantCulture, $", {model.Parameters / 1e6:F1} million weights");
    }

    static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
