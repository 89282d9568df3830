using System.Diagnostics;
using System.Globalization;
using Cclm.Inference;

namespace Cclm.Benchmarks;

/// <summary>What a service pays before its first vector, and while nobody asks: each time in a process of its own.</summary>
static class StartBenchmark
{
    const int Rounds = 9, IdleSeconds = 10;

    /// <param name="options"><c>--model FILE</c>: a composed model, such as the one that <c>cclm demo</c> writes.</param>
    public static void Run(string[] options)
    {
        var model = Measure.Option(options, "--model") ?? throw new ArgumentException("Name a composed model: -- start --model demo/composed.onnx");
        if (Measure.Option(options, "--as") is { } role)
        {
            Child(model, role);
            return;
        }
        var starts = Enumerable.Range(0, Rounds).Select(_ => Answers(model, "start").Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        Console.WriteLine($"\nStart to first vector, {Rounds} processes: median {Measure.Median(starts.Select(start => start[0])):F0} ms ({starts.Min(start => start[0]):F0} to {starts.Max(start => start[0]):F0}), of which " +
            $"{Measure.Median(starts.Select(start => start[1])):F0} ms are from Main on, and {Measure.Median(starts.Select(start => start[2])):F0} ms a first InferenceSession and Run alone in a process of its own.");
        Console.WriteLine($"Processor time of {IdleSeconds} s without a request: {Answers(model, "idle")} %.");
    }

    /// <summary>What a child process says of the model.</summary>
    static string Answers(string model, string role)
    {
        var began = DateTime.UtcNow;
        var said = Start(model, role);
        return role == "idle" ? said : string.Create(CultureInfo.InvariantCulture, $"{(DateTime.Parse(said.Split(' ')[0], null, DateTimeStyles.RoundtripKind) - began).TotalMilliseconds} {said.Split(' ')[1]} {Start(model, "raw")}");
    }

    static string Start(string model, string role) => Measure.Again("start", "--model", model, "--as", role);

    static void Child(string path, string role)
    {
        var clock = Stopwatch.StartNew();
        if (role == "raw")
        {
            using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(path);
            ServedModel.Run(session, new(new long[40], 1, 40));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds}"));
            return;
        }
        using var model = CclmModel.Load(path);
        _ = model.Embed("a first text");
        if (role == "start")
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:O} {clock.Elapsed.TotalMilliseconds}"));
            return;
        }
        Task.WhenAll(Enumerable.Range(0, 64).Select(i => model.EmbedAsync($"text {i}"))).Wait();
        Thread.Sleep(TimeSpan.FromSeconds(6));      // until memory is given back and the runtime has compiled what it saw often
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        Thread.Sleep(TimeSpan.FromSeconds(IdleSeconds));
        self.Refresh();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(self.TotalProcessorTime - before).TotalSeconds / IdleSeconds * 100:F2}"));
    }
}
