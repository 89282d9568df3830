using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cclm.Export;
using Cclm.Inference;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Inference;

/// <summary>What an operator sees of a model: its numbers, its health, and another file in its place.</summary>
[NonParallelizable]         // meters are the process's
public sealed class WatchedModelTests
{
    readonly TinyModel tiny = new();

    [Test]
    public async Task EachBatchIsCountedAndNoTextIsTold()
    {
        var (told, gate) = (new List<(string Instrument, double Value, string Tags)>(), new object());
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == InferenceTelemetry.Name) { listener.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.Start();
        var runs = new List<Activity>();
        using var activities = new ActivityListener { ShouldListenTo = source => source.Name == InferenceTelemetry.Name, Sample = (ref _) => ActivitySamplingResult.AllData, ActivityStopped = runs.Add };
        ActivitySource.AddActivityListener(activities);

        using (var model = tiny.Load(new() { QueueCharacters = 1_000, Threads = 1 }))
        {
            await model.EmbedAsync(["abc", "abcdef", ""]);
            Assert.That(() => model.EmbedAsync("secret", cancellationToken: new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        }
        Assert.That(Of("cclm.batch.size"), Is.EqualTo(new[] { 3.0 }));
        Assert.That(Of("cclm.batch.padding"), Is.EqualTo(new[] { 1 - (12 / 24.0) }).Within(1e-9), "4, 7 and 1 ids, padded to 8 each.");
        Assert.That(Of("cclm.run.duration"), Has.Exactly(1).Positive);
        Assert.That(Of("cclm.queue.duration"), Has.Exactly(3).Positive);
        Assert.That(runs.Single().TagObjects.Select(tag => $"{tag.Key}={tag.Value}"), Is.EqualTo(new[] { "cclm.batch.size=3", "cclm.batch.length=8" }));
        Assert.That(told.Select(measured => measured.Tags), Has.None.Contains("abc").And.None.Contains("secret"));

        double[] Of(string instrument) => [.. told.Where(measured => measured.Instrument == instrument).Select(measured => measured.Value)];

        void Tell(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (gate)
            {
                told.Add((instrument.Name, value, string.Join(' ', tags.ToArray())));
            }
        }
    }

    [Test]
    public async Task AModelIsLoadedWhenTheHostStartsAndIsReadyThen()
    {
        using var folder = new TempFolder();
        using var host = HostOf(folder.Write("model.onnx", tiny.Bytes()));
        await host.StartAsync();
        Assert.That((await HealthAsync(host)).Status, Is.EqualTo(HealthStatus.Healthy));
        File.WriteAllText(folder["model.onnx"], "damaged");
        using var broken = HostOf(folder["model.onnx"]);
        Assert.That(() => broken.StartAsync(), Throws.TypeOf<CclmModelException>());
        Assert.That((await HealthAsync(broken)).Entries["cclm"].Description, Does.Contain("model.onnx"));
    }

    [Test]
    public async Task AHungRunTurnsReadyOffAndItsEndOnAgain()
    {
        using var folder = new TempFolder();
        using var host = HostOf(folder.Write("model.onnx", (tiny with { Pool = Slow }).Bytes()));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<CclmModel>();
        await model.EmbedAsync("a");
        Assert.That((await HealthAsync(host)).Status, Is.EqualTo(HealthStatus.Healthy));
        var slow = model.EmbedAsync(new string('a', 500));
        while ((await HealthAsync(host)).Status == HealthStatus.Healthy)
        {
            Assert.That(slow.IsCompleted, Is.False, "The run was over before it was seen.");
            await Task.Delay(10);
        }
        await slow;
        while (model.BusyFor > TimeSpan.Zero)
        {
            await Task.Delay(1);
        }
        Assert.That((await HealthAsync(host)).Status, Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task AnotherFileInItsPlaceIsLoaded()
    {
        var other = tiny with { Characters = "abc" };
        using var folder = new TempFolder();
        using var log = new ListLogger();
        using var host = HostOf(folder.Write("model.onnx", tiny.Bytes()), log);
        await host.StartAsync();
        var model = host.Services.GetRequiredService<CclmModel>();
        File.WriteAllText(folder["model.onnx"], "half a file");
        while (!log.Lines.Any(line => line.Contains("stays as it was", StringComparison.Ordinal)))
        {
            await Task.Delay(50);
        }
        Assert.That(model.Embed("d"), Is.EqualTo(tiny.Embedding("d")).Within(1e-5f));
        File.WriteAllBytes(folder["next.onnx"], other.Bytes());
        File.Move(folder["next.onnx"], folder["model.onnx"], overwrite: true);
        while (model.Preprocessor.Vocabulary.Count == tiny.Preprocessor.Vocabulary.Count)
        {
            await Task.Delay(50);
        }
        Assert.That(model.Embed("d"), Is.EqualTo(other.Embedding("d")).Within(1e-5f));
        await host.StopAsync();
    }

    [Test]
    public async Task WhateverAFileDoesTheWatchGoesOn()
    {
        using var folder = new TempFolder();
        using var log = new ListLogger();
        var path = folder.Write("model.onnx", tiny.Bytes());
        using var model = tiny.Load();
        var fails = false;
        using var watch = new ModelFileWatch(new() { Path = path, ReloadOnChange = true }, () => fails ? throw new NotSupportedException("what nobody thought of") : model, log);
        await watch.StartAsync(default);
        fails = true;
        File.WriteAllText(path, "other content");
        while (!watch.ExecuteTask!.IsCompleted && !log.Lines.Any(line => line.Contains("stays as it was. what nobody thought of", StringComparison.Ordinal)))
        {
            await Task.Delay(50);
        }
        Assert.That(watch.ExecuteTask.IsCompleted, Is.False);
        await watch.StopAsync(default);
    }

    static IHost HostOf(string path, ListLogger? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration["Embeddings:Path"] = path;
        builder.Configuration["Embeddings:ReloadOnChange"] = "true";
        builder.Services.AddCclmEmbeddingGenerator(builder.Configuration.GetSection("Embeddings"));
        builder.Services.AddHealthChecks().AddCclmModel(longestRun: TimeSpan.FromMilliseconds(100));
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }
        return builder.Build();
    }

    static Task<HealthReport> HealthAsync(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    /// <summary>A product of matrices whose size grows with the text: some microseconds for one character, a second for five hundred.</summary>
    static Edge Slow(OnnxGraph graph, Edge ids)
    {
        var length = graph.Op("Mul", [graph.Op("Gather", [graph.Op("Shape", [ids]), graph.Constant(1)]), graph.Constant(8)]);
        var square = graph.Op("ConstantOfShape", [graph.Op("Concat", [length, length], ("axis", 0))]);
        var product = graph.Op("MatMul", [square, square]);
        var zero = graph.Op("Unsqueeze", [graph.Op("ReduceMax", [product], ("keepdims", 0)), graph.Constant(0)]);                                          // [1]
        var ones = graph.Op("ReduceSum", [graph.Op("Cast", [ids], ("to", DataType.Float)), graph.Constant(1)], ("keepdims", 1));             // [B,1]
        return graph.Op("Concat", [.. Enumerable.Repeat(graph.Op("Add", [ones, zero]), TinyModel.Width)], ("axis", 1));
    }
}
