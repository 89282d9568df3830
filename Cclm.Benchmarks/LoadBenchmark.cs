using System.Collections.Concurrent;
using System.Diagnostics;
using Cclm.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Benchmarks;

/// <summary>Many callers: throughput beside other ways to gather texts, and latency where requests come at times of their own.</summary>
static class LoadBenchmark
{
    public static void Run()
    {
        using var model = new ServedModel();
        foreach (var (name, texts) in new[] { ("Queries", ServedModel.Queries(6_000)), ("Log-normal texts", ServedModel.LogNormalTexts(3_000)) })
        {
            Callers(model, name, texts);
            OpenLoop(model, name, texts);
        }
    }

    /// <summary>Callers that ask again as soon as they are answered, against fixed ways to run what they ask.</summary>
    static void Callers(ServedModel model, string name, string[] texts)
    {
        Console.WriteLine($"\n| {name}: callers | EmbedAsync, texts/s | its memory not planned | one text a Run | one, default session | fixed 8 | fixed 32 | over one, default session | over the best of all |\n|---|---|---|---|---|---|---|---|---|");
        foreach (var callers in (int[])[1, 4, 16, 64, 256])
        {
            using FixedBatches eight = new(model, 8), thirtyTwo = new(model, 32);
            (Func<string, Task> Embed, string[] Texts)[] ways =
            [
                (text => model.Served.EmbedAsync(text), texts),
                (text => model.Unplanned.EmbedAsync(text), texts),
                (text => Lone(model.Session, model, text), texts),
                (text => Lone(model.Default, model, text), texts),
                (eight.EmbedAsync, texts[..(texts.Length / 10)]),           // slow where lengths differ much
                (thirtyTwo.EmbedAsync, texts[..(texts.Length / 10)]),
            ];
            var rates = Measure.InTurns(3, [.. ways.Select(way => (Action)(() => Closed(callers, way.Texts, way.Embed)))])
                .Select((seconds, way) => seconds.Select(time => ways[way].Texts.Length / time).ToArray()).ToArray();
            var best = rates[2..].MaxBy(Measure.Median)!;
            Console.WriteLine($"| {callers} | {string.Join(" | ", rates.Select(rate => $"{Measure.Median(rate):N0}"))} | {Ratio(rates[0], rates[3]):F2}x | {Ratio(rates[0], best):F2}x |");
        }
    }

    /// <summary>Requests that come whether or not those before are answered, at random times. Whoever asks has a processor to itself: its own delays are not the model's.</summary>
    static void OpenLoop(ServedModel model, string name, string[] texts)
    {
        var capacity = texts.Length / Measure.Median(Measure.InTurns(3, () => Closed(256, texts, text => model.Beside.EmbedAsync(text)))[0]);
        Console.WriteLine($"\n{name}: 256 callers are answered {capacity:N0} texts a second.\n\n| load | answered/s | of capacity | p50 ms | p99 ms | p99/p50 | refused | refusals, p99 ms |\n|---|---|---|---|---|---|---|---|");
        foreach (var load in (double[])[0.2, 0.5, 0.8, 1, 3])
        {
            var (answered, refused, seconds) = Arrive(model.Beside, texts, capacity * load, seconds: 10);
            Console.WriteLine($"| {load:P0} | {answered.Length / seconds:N0} | {answered.Length / seconds / capacity:P0} | {At(answered, 50) * 1e3:F1} | {At(answered, 99) * 1e3:F1} | " +
                $"{At(answered, 99) / At(answered, 50):F1} | {refused.Length / (double)(answered.Length + refused.Length):P0} | {(refused.Length > 0 ? $"{At(refused, 99) * 1e3:F2}" : "")} |");
        }
    }

    static (double[] Answered, double[] Refused, double Seconds) Arrive(CclmModel model, string[] texts, double rate, double seconds)
    {
        ConcurrentBag<double> answered = [], refused = [];
        var (random, asked, due, begun) = (new Random(3), new List<Task>(), 0.0, Stopwatch.GetTimestamp());
        var driver = new Thread(() =>
        {
            while (due < seconds)
            {
                while (due <= Stopwatch.GetElapsedTime(begun).TotalSeconds && due < seconds)
                {
                    var (came, text) = (due, texts[random.Next(texts.Length)]);
                    asked.Add(Task.Run(() => AskAsync(text, came)));
                    due -= Math.Log(1 - random.NextDouble()) / rate;
                }
                Thread.Sleep(1);
            }
        })
        {
            Priority = ThreadPriority.Highest,
        };
        driver.Start();
        driver.Join();
        Task.WaitAll(asked);
        return ([.. answered], [.. refused], Stopwatch.GetElapsedTime(begun).TotalSeconds);

        async Task AskAsync(string text, double came)
        {
            var called = Stopwatch.GetTimestamp();
            try
            {
                await model.EmbedAsync(text);
                answered.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds - came);
            }
            catch (CclmQueueFullException)
            {
                refused.Add(Stopwatch.GetElapsedTime(called).TotalSeconds);
            }
        }
    }

    static void Closed(int callers, string[] texts, Func<string, Task> embed)
    {
        var next = -1;
        Task.WaitAll([.. Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < texts.Length; i = Interlocked.Increment(ref next))
            {
                await embed(texts[i]);
            }
        }))]);
    }

    static Task Lone(InferenceSession session, ServedModel model, string text)
    {
        ServedModel.Run(session, model.Preprocessor.Encode([text]));
        return Task.CompletedTask;
    }

    static double Ratio(double[] ours, double[] theirs) => Measure.Median(ours.Zip(theirs, (our, their) => our / their));

    static double At(double[] values, int percent) => values.Length == 0 ? double.NaN : values.Order().ElementAt(values.Length * percent / 100);

    /// <summary>What most servers do: as many texts as wait, up to a fixed number, in the order in which they came.</summary>
    sealed class FixedBatches : IDisposable
    {
        readonly BlockingCollection<(string Text, TaskCompletionSource Answer)> waiting = [];
        readonly Thread thread;

        public FixedBatches(ServedModel model, int size)
        {
            thread = new(() =>
            {
                foreach (var first in waiting.GetConsumingEnumerable())
                {
                    List<(string Text, TaskCompletionSource Answer)> batch = [first];
                    while (batch.Count < size && waiting.TryTake(out var next))
                    {
                        batch.Add(next);
                    }
                    ServedModel.Run(model.Session, model.Preprocessor.Encode([.. batch.Select(text => text.Text)]));
                    batch.ForEach(text => text.Answer.SetResult());
                }
            });
            thread.Start();
        }

        public Task EmbedAsync(string text)
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((text, answer));
            return answer.Task;
        }

        public void Dispose()
        {
            waiting.CompleteAdding();
            thread.Join();
            waiting.Dispose();
        }
    }
}
