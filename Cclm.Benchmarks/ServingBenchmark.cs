using System.Diagnostics;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Benchmarks;

/// <summary>What serving costs beside the model's own run, and what gathering callers gains.</summary>
static class ServingBenchmark
{
    const int Rounds = 9, Length = 128, Callers = 64;

    public static void Run()
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit([string.Concat(Enumerable.Range(32, 124).Select(i => (char)i))]), new() { MaxLength = 4_096, DownsampleFactor = 4 });
        var model = Model(preprocessor).ToByteArray();
        using var session = Session(model);
        using var served = CclmModel.Load(model);
        var random = new Random(1);
        Overhead(session, served, [.. Enumerable.Range(0, 32).Select(_ => Text(random, Length - 1))]);
        Overhead(session, served, [Text(random, 36)]);
        var texts = Enumerable.Range(0, 600).Select(_ => Text(random, LogNormal(random))).ToArray();
        Console.WriteLine($"\nLog-normal lengths: median {texts.Select(text => text.Length).Order().ElementAt(texts.Length / 2)}, p90 {texts.Select(text => text.Length).Order().ElementAt(texts.Length * 9 / 10)}, longest {texts.Max(text => text.Length)}.");
        SortedAgainstFirstInFirstOut(session, served, preprocessor, texts);
        CallersAgainstLoneRuns(session, served, preprocessor, texts);
    }

    /// <summary>The same padded batch by a raw run and by the library.</summary>
    static void Overhead(InferenceSession session, CclmModel served, string[] texts)
    {
        var batch = served.Preprocessor.Encode(texts);
        var repeat = texts.Length > 1 ? 1 : 200;
        var times = Measure.InTurns(texts.Length > 1 ? 4 * Rounds : Rounds, () => Times(repeat, () => Raw(session, batch)), () => Times(repeat, () => served.Embed(texts)), () => Times(repeat, () => served.EmbedAsync(texts).Wait()));
        var allocated = Allocated(() => served.Embed(texts));
        Console.WriteLine($"\n| batch of {texts.Length} x {batch.Length} | ms, median |\n|---|---|");
        string[] names = ["raw InferenceSession.Run", "CclmModel.Embed", "CclmModel.EmbedAsync"];
        for (var i = 0; i < names.Length; i++)
        {
            var ratio = Measure.Median(times[i].Zip(times[0], (time, raw) => time / raw));
            Console.WriteLine($"| {names[i]} | {Measure.Median(times[i]) / repeat * 1e3:F3} ({ratio:F3}x, {(Measure.Median(times[i]) - Measure.Median(times[0])) / repeat * 1e6:+0;-0;0} us) |");
        }
        Console.WriteLine($"Embed allocates {allocated:N0} bytes, of which {texts.Length * ((served.Dimensions * sizeof(float)) + 24):N0} are the vectors.");
    }

    static void SortedAgainstFirstInFirstOut(InferenceSession session, CclmModel served, Preprocessor preprocessor, string[] texts)
    {
        var batches = texts.Chunk(32).Select(preprocessor.Encode).ToArray();
        var times = Measure.InTurns(3, () => served.Embed(texts), () => Array.ForEach(batches, batch => Raw(session, batch)));
        Console.WriteLine($"\n| {texts.Length:N0} texts | texts/s |\n|---|---|");
        Console.WriteLine($"| CclmModel.Embed | {texts.Length / Measure.Median(times[0]):N0} |\n| batches of 32, first in, first out | {texts.Length / Measure.Median(times[1]):N0} |");
        Console.WriteLine($"| ratio | {Measure.Median(times[1].Zip(times[0], (fifo, sorted) => fifo / sorted)):F2}x |");
        Console.WriteLine($"Padding: {Padding(LengthBatches(preprocessor, texts)):P1} against {Padding(batches.Select(batch => (batch.Rows * batch.Length, batch.Ids.Count(id => id != 0)))):P1}.");
    }

    static void CallersAgainstLoneRuns(InferenceSession session, CclmModel served, Preprocessor preprocessor, string[] texts)
    {
        var latencies = new List<double>();
        var times = Measure.InTurns(3,
            () => latencies = Many(texts, async text => await served.EmbedAsync(text)),
            () => Many(texts, text =>
            {
                Raw(session, preprocessor.Encode([text]));
                return Task.CompletedTask;
            }));
        Console.WriteLine($"\n| {Callers} callers, {texts.Length:N0} texts | texts/s |\n|---|---|");
        Console.WriteLine($"| CclmModel.EmbedAsync | {texts.Length / Measure.Median(times[0]):N0} |\n| one text a Run | {texts.Length / Measure.Median(times[1]):N0} |");
        Console.WriteLine($"| ratio | {Measure.Median(times[1].Zip(times[0], (lone, together) => lone / together)):F2}x |");
        latencies.Sort();
        Console.WriteLine($"EmbedAsync at full load: p50 {latencies[latencies.Count / 2] * 1e3:F1} ms, p99 {latencies[latencies.Count * 99 / 100] * 1e3:F1} ms.");
    }

    static List<double> Many(string[] texts, Func<string, Task> embed)
    {
        var (next, latencies) = (-1, new double[texts.Length]);
        Task.WaitAll([.. Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < texts.Length; i = Interlocked.Increment(ref next))
            {
                var clock = Stopwatch.GetTimestamp();
                await embed(texts[i]);
                latencies[i] = Stopwatch.GetElapsedTime(clock).TotalSeconds;
            }
        }))]);
        return [.. latencies];
    }

    static IEnumerable<(int Positions, int Read)> LengthBatches(Preprocessor preprocessor, string[] texts) =>
        Inference.LengthBatches.Plan([.. texts.Select(text => preprocessor.Length(text))], new CclmModelOptions().BatchCharacters)
            .Select(batch => (batch.Rows.Count * batch.Length, batch.Rows.Sum(row => preprocessor.Length(texts[row]))));

    static double Padding(IEnumerable<(int Positions, int Read)> batches)
    {
        var all = batches.ToArray();
        return 1 - (all.Sum(batch => (double)batch.Read) / all.Sum(batch => (double)batch.Positions));
    }

    static Onnx.ModelProto Model(Preprocessor preprocessor)
    {
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = preprocessor.Options.MaxLength, CharacterWidth = 32, Blocks = 2, Filters = 64, GlobalFilters = 32 });
        var tower = new StridedTower(embedder, new() { Layers = 1, Heads = 4 });
        return Composer.Compose(ModelExporter.Export(embedder, preprocessor), [("tower", ModelExporter.Export(tower, embedder, preprocessor))], new() { Pooling = new(Pooling.MeanMax) });
    }

    static InferenceSession Session(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new(model, options);
    }

    static void Raw(InferenceSession session, EncodedBatch batch)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(batch.Ids, [batch.Rows, batch.Length]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["ids"], [input], ["embedding"]);
    }

    static void Times(int count, Action act)
    {
        for (var i = 0; i < count; i++)
        {
            act();
        }
    }

    static long Allocated(Action act)
    {
        act();
        var before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    static string Text(Random random, int length) => string.Create(length, random, (characters, random) =>
    {
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = (char)random.Next('a', 'z' + 1);
        }
    });

    /// <summary>Median 37, nine of ten up to 400, at most 4,000.</summary>
    static int LogNormal(Random random) => (int)Math.Clamp(37 * Math.Exp(1.857 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())), 1, 4_000);
}
