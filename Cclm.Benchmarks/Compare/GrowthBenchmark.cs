using System.Globalization;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Cclm.Benchmarks;

/// <summary>How the cost of a run and of a training step grows with each size of the model, alone, and with which exponent.</summary>
/// <remarks><c>--plots FOLDER</c> receives a picture for each; <c>--only WORD...</c> for some sizes.</remarks>
static class GrowthBenchmark
{
    const int Times = 5;

    static readonly ModelSize Base = new() { Layers = 1 };

    /// <summary>Sizes, and what they are of a model; texts of a batch, towers.</summary>
    static readonly Sweep[] Sweeps =
    [
        new("length", "characters", [64, 128, 256, 512, 1024, 2048, 4096], length => new(Base with { Length = length }, Rows: 2)),
        new("strided", "characters, attention at a quarter of them", [64, 128, 256, 512, 1024, 2048, 4096], length => new(Base with { Length = length, Strided = true }, Rows: 2)),
        new("batch", "texts of 256 characters", [1, 2, 4, 8, 16, 32, 64, 128], rows => new(Base, rows)),
        new("towers", "towers of a transformer layer", [1, 2, 4, 8, 16], towers => new(Base, Rows: 8, towers)),
        new("vocabulary", "characters known", [100, 1_000, 10_000, 100_000], characters => new(Base with { Characters = characters }, Rows: 8)),
        new("width", "filters, and channels of attention", [32, 64, 128, 256, 512, 1024], filters => new(Base with { Filters = filters }, Rows: 8)),
    ];

    public static void Run(string[] options)
    {
        var only = Measure.Words(options, "--only");
        foreach (var sweep in Sweeps.Where(sweep => only.Length == 0 || only.Contains(sweep.Name)))
        {
            var costs = sweep.Values.Select(value => Cost.Of(sweep.Case(value))).ToArray();
            Console.WriteLine($"\n| {sweep.Title} | GFLOP of a run | a run, ms | a training step, ms |\n|---|---|---|---|");
            foreach (var (value, cost) in sweep.Values.Zip(costs))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {value:N0} | {cost.GigaFlop:G3} | {cost.Run:F1} | {(cost.Step is { } step ? step.ToString("F1", CultureInfo.InvariantCulture) : "")} |"));
            }
            Console.WriteLine($"| exponent, all | {Fitted(cost => cost.GigaFlop, 0)} | {Fitted(cost => cost.Run, 0)} | {Fitted(cost => cost.Step, 0)} |");
            Console.WriteLine($"| exponent, the last three | {Fitted(cost => cost.GigaFlop, costs.Length - 3)} | {Fitted(cost => cost.Run, costs.Length - 3)} | {Fitted(cost => cost.Step, costs.Length - 3)} |");
            if (Measure.Option(options, "--plots") is { } folder)
            {
                Draw(sweep, costs, Path.Combine(folder, $"growth-{sweep.Name}.svg"));
            }

            string Fitted(Func<Cost, double?> of, int from) => costs.All(cost => of(cost) is not null)
                ? Exponent([.. sweep.Values.Skip(from).Select(value => (double)value)], [.. costs.Skip(from).Select(cost => of(cost)!.Value)]).ToString("F2", CultureInfo.InvariantCulture) : "";
        }
    }

    /// <summary>The slope of the line through the logarithms, by least squares.</summary>
    static double Exponent(double[] x, double[] y)
    {
        var (logX, logY) = (x.Select(value => Math.Log(value)).ToArray(), y.Select(value => Math.Log(value)).ToArray());
        var (meanX, meanY) = (logX.Average(), logY.Average());
        return logX.Zip(logY, (a, b) => (a - meanX) * (b - meanY)).Sum() / logX.Sum(a => (a - meanX) * (a - meanX));
    }

    static void Draw(Sweep sweep, Cost[] costs, string file)
    {
        var model = new PlotModel { Background = OxyColors.White, DefaultFont = "system-ui, sans-serif", Padding = new(8, 12, 24, 8) };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = sweep.Title, Base = 2, StringFormat = "N0" });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "ms", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        foreach (var (name, of) in ((string, Func<Cost, double?>)[])[("a run", cost => cost.Run), ("a training step", cost => cost.Step)])
        {
            var line = new LineSeries { Title = name, MarkerType = MarkerType.Circle, MarkerSize = 3 };
            line.Points.AddRange(sweep.Values.Zip(costs).Where(point => of(point.Second) is not null).Select(point => new DataPoint(point.First, of(point.Second)!.Value)));
            model.Series.Add(line);
        }
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.TopLeft });
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using var svg = File.Create(file);
        new SvgExporter { Width = 640, Height = 360, UseVerticalTextAlignmentWorkaround = true }.Export(model, svg);
    }

    /// <summary>Sizes of one kind.</summary>
    sealed record Sweep(string Name, string Title, int[] Values, Func<int, Case> Case);

    sealed record Case(ModelSize Size, int Rows, int Towers = 1);

    /// <param name="GigaFlop">10^9 operations of a run.</param>
    /// <param name="Run">Milliseconds of one in ONNX Runtime, on all processors.</param>
    /// <param name="Step">Milliseconds of a training step; null of several towers, of which a step trains one.</param>
    sealed record Cost(double GigaFlop, double Run, double? Step)
    {
        public static Cost Of(Case measured)
        {
            var (size, rows, towers) = measured;
            using var model = new ReferenceModel(size);
            var composed = Composer.Compose(model.ExportEmbedder(), model.ExportTowers(towers));
            OnnxRuntimeEnvironment.Prepare();
            using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
            using var session = new InferenceSession(composed.ToByteArray(), options);
            using var input = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, rows * size.Length).Select(i => (long)(Vocabulary.FirstCharacter + (i % (size.Characters - Vocabulary.FirstCharacter)))).ToArray(), [rows, size.Length]);
            using var run = new RunOptions();
            var time = Measure.Sample(Times, () => session.Run(run, [ModelNames.Ids], [input], [ModelNames.Hidden]).Dispose()).Milliseconds;
            return new(ModelCost.Of(composed, rows, size.Length).All.GigaFlop, time, towers == 1 ? StepOf(model, rows) : null);
        }

        static double StepOf(ReferenceModel model, int rows)
        {
            var ends = new List<double>();
            var clock = System.Diagnostics.Stopwatch.StartNew();
            model.Train(model.Batch(rows), Precision.Float32, Times + 2, _ => ends.Add(clock.Elapsed.TotalMilliseconds));
            return Measure.Median(ends.Skip(1).Zip(ends.Skip(2), (from, to) => to - from));
        }
    }
}
