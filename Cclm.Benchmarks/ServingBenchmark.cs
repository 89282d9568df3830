using Cclm.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Benchmarks;

/// <summary>What serving costs beside the model's own run, and what sorting by length gains.</summary>
static class ServingBenchmark
{
    const int Rounds = 9, Length = 128;

    public static void Run()
    {
        using var model = new ServedModel();
        var random = new Random(1);
        Overhead(model.Session, model.Served, [.. Enumerable.Range(0, 32).Select(_ => ServedModel.Text(random, Length - 1))]);
        Overhead(model.Session, model.Served, [ServedModel.Text(random, 36)]);
        SortedAgainstFirstInFirstOut(model.Session, model.Served, model.Preprocessor, ServedModel.LogNormalTexts(600));
    }

    /// <summary>The same padded batch by a raw run and by the library.</summary>
    static void Overhead(InferenceSession session, CclmModel served, string[] texts)
    {
        var batch = served.Preprocessor.Encode(texts);
        var repeat = texts.Length > 1 ? 1 : 200;
        var times = Measure.InTurns(texts.Length > 1 ? 4 * Rounds : Rounds, () => Times(repeat, () => ServedModel.Run(session, batch)), () => Times(repeat, () => served.Embed(texts)), () => Awaited(repeat, () => served.EmbedAsync(texts)));
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
        var times = Measure.InTurns(3, () => served.Embed(texts), () => Array.ForEach(batches, batch => ServedModel.Run(session, batch)));
        Console.WriteLine($"\n| {texts.Length:N0} texts | texts/s |\n|---|---|");
        Console.WriteLine($"| CclmModel.Embed | {texts.Length / Measure.Median(times[0]):N0} |\n| batches of 32, first in, first out | {texts.Length / Measure.Median(times[1]):N0} |");
        Console.WriteLine($"| ratio | {Measure.Median(times[1].Zip(times[0], (fifo, sorted) => fifo / sorted)):F2}x |");
        Console.WriteLine($"Padding: {Padding(LengthBatches(preprocessor, texts)):P1} against {Padding(batches.Select(batch => (batch.Rows * batch.Length, batch.Ids.Count(id => id != 0)))):P1}.");
    }

    static IEnumerable<(int Positions, int Read)> LengthBatches(Preprocessor preprocessor, string[] texts) =>
        Inference.LengthBatches.Plan([.. texts.Select(text => preprocessor.Length(text))], new CclmModelOptions().For(ExecutionProvider.Cpu).BatchCharacters,
                length => Inference.LengthBatches.Padded(length, preprocessor.Options))
            .Select(batch => (batch.Rows.Count * batch.Length, batch.Rows.Sum(row => preprocessor.Length(texts[row]))));

    static double Padding(IEnumerable<(int Positions, int Read)> batches)
    {
        var all = batches.ToArray();
        return 1 - (all.Sum(batch => (double)batch.Read) / all.Sum(batch => (double)batch.Positions));
    }

    static void Awaited(int count, Func<Task> act) => Task.Run(async () =>
    {
        for (var i = 0; i < count; i++)
        {
            await act();
        }
    }).Wait();

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
        var before = GC.GetTotalAllocatedBytes(precise: true);
        act();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
