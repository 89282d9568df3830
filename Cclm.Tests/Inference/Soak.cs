using System.Diagnostics;
using System.Runtime.InteropServices;
using Cclm.Inference;

namespace Cclm.Tests.Inference;

/// <summary>A model under full load: callers of all kinds, cancellations, and another file in its place again and again; every answer is checked.</summary>
/// <param name="paths">Two models with one vocabulary, which take turns.</param>
/// <param name="duration">How long.</param>
/// <param name="leaks">Whether each reload loses what a model takes, as a control of what is measured.</param>
sealed class Soak(string[] paths, TimeSpan duration, bool leaks)
{
    const int Callers = 16, Texts = 400, LeakedBytes = 1 << 24;
    const double Tolerance = 1e-5;

    readonly Stopwatch clock = Stopwatch.StartNew();
    readonly string[] texts = [.. Enumerable.Range(0, Texts).Select(Text)];
    readonly List<(TimeSpan At, double Megabytes)> resident = [];
    float[][][] expected = [];      // of each model, by lone runs
    long answers, cancelled;
    int reloads;

    /// <summary>What came of it, on one line: answers, cancellations, reloads, and by how many megabytes the process grew since it was warm.</summary>
    public string Run()
    {
        expected = [.. paths.Select(path =>
        {
            using var model = CclmModel.Load(path);
            return texts.Select(text => model.Embed(text)).ToArray();
        })];
        using (var model = CclmModel.Load(paths[0], new() { BatchCharacters = 2_048, QueueCharacters = 100_000 }))
        {
            var work = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(model, new Random(caller))))
                .Append(Task.Run(() => ReloadAsync(model))).Append(Task.Run(WatchAsync)).ToArray();
            Task.WaitAll(work);
        }
        return FormattableString.Invariant($"{answers} {cancelled} {reloads} {Drift():F1}");
    }

    bool IsOver => clock.Elapsed > duration;

    /// <summary>Lengths of real traffic: most are short, some are cut.</summary>
    static string Text(int seed)
    {
        var random = new Random(seed);
        var length = (int)Math.Min(600, 20 * Math.Exp(1.2 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        return new([.. Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z' + 1))]);
    }

    async Task CallAsync(CclmModel model, Random random)
    {
        while (!IsOver)
        {
            int[] asked = [.. Enumerable.Range(0, random.Next(3) == 0 ? random.Next(40) : 1).Select(_ => random.Next(Texts))];
            string[] given = [.. asked.Select(index => texts[index])];
            using var stop = new CancellationTokenSource();
            if (random.Next(10) == 0)
            {
                stop.CancelAfter(TimeSpan.FromMilliseconds(random.Next(20)));
            }
            try
            {
                var vectors = random.Next(20) switch
                {
                    0 => model.Embed(given, cancellationToken: stop.Token),
                    1 => await model.EmbedAsync(given.ToAsyncEnumerable(), cancellationToken: stop.Token).ToArrayAsync(),
                    _ => await model.EmbedAsync(given, cancellationToken: stop.Token),
                };
                Check(asked, vectors);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref cancelled);
            }
        }
    }

    void Check(int[] asked, float[][] vectors)
    {
        if (vectors.Length != asked.Length)
        {
            throw new InvalidOperationException($"{vectors.Length} answers to {asked.Length} texts.");
        }
        foreach (var (index, vector) in asked.Zip(vectors))
        {
            if (!expected.Any(model => model[index].Zip(vector).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance)))
            {
                throw new InvalidOperationException($"Text {index} was not answered as it is alone, by either model.");
            }
        }
        Interlocked.Add(ref answers, vectors.Length);
    }

    async Task ReloadAsync(CclmModel model)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(10, duration.TotalSeconds / 8));
        for (; !IsOver; reloads++)
        {
            await Task.Delay(pause);
            model.Reload(paths[(reloads + 1) % 2]);
            if (leaks)
            {
                Lose(LeakedBytes);
            }
        }
    }

    static void Lose(int bytes) => Marshal.Copy(new byte[bytes], 0, Marshal.AllocHGlobal(bytes), bytes);

    async Task WatchAsync()
    {
        for (; !IsOver; await Task.Delay(250))
        {
            using var process = Process.GetCurrentProcess();
            resident.Add((clock.Elapsed, process.WorkingSet64 / 1048576.0));
        }
    }

    /// <summary>The last fifth of the time against the second minute, or where it is shorter the second third; medians, as models that come and go make waves.</summary>
    double Drift()
    {
        var warm = TimeSpan.FromSeconds(Math.Min(60, duration.TotalSeconds / 3));
        var before = resident.Where(sample => sample.At > warm && sample.At < 2 * warm).Select(sample => sample.Megabytes).Order().ToArray();
        var after = resident.Where(sample => sample.At > duration * 0.8).Select(sample => sample.Megabytes).Order().ToArray();
        return after[after.Length / 2] - before[before.Length / 2];
    }
}
