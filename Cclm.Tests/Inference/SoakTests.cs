using System.Globalization;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Training;
using Cclm.Training;
using Google.Protobuf;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>A service runs for months.</summary>
[Parallelizable]
public sealed class SoakTests
{
    const double MostDrift = 20;        // MB

    /// <summary>For how long the load is kept up: <c>CCLM_SOAK_SECONDS</c>, or a minute.</summary>
    static int Seconds => int.Parse(Environment.GetEnvironmentVariable("CCLM_SOAK_SECONDS") ?? "60", CultureInfo.InvariantCulture);

    [Test]
    public async Task UnderFullLoadNoAnswerIsLostOrSwappedAndNoMemoryEither()
    {
        var (answers, cancelled, reloads, drift) = await RunAsync(Seconds, leaks: false);
        TestContext.Out.WriteLine($"{answers:N0} answers, {cancelled:N0} calls cancelled, {reloads} reloads, {drift:F1} MB more at the end");
        Assert.That(answers, Is.GreaterThan(1_000));
        Assert.That(cancelled, Is.GreaterThan(10));
        Assert.That(reloads, Is.GreaterThan(4));
        Assert.That(drift, Is.LessThan(MostDrift));
    }

    [Test]
    public async Task ALeakIsSeen()
    {
        var (_, _, _, drift) = await RunAsync(15, leaks: true);
        Assert.That(drift, Is.GreaterThan(MostDrift));
    }

    static async Task<(long Answers, long Cancelled, int Reloads, double Drift)> RunAsync(int seconds, bool leaks)
    {
        using var folder = new TempFolder();
        string[] models = [];
        TorchFixture.InTurn(() => models = [.. Enumerable.Range(1, 2).Select(seed => folder.Write($"model-{seed}.onnx", Model(seed)))]);
        var line = await ChildProcess.Run(folder.Path, ["soak", models[0], models[1], $"{seconds}", leaks ? "leaks" : "whole"]);
        var numbers = line.Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture), int.Parse(numbers[2], CultureInfo.InvariantCulture), double.Parse(numbers[3], CultureInfo.InvariantCulture));
    }

    static byte[] Model(int seed)
    {
        var preprocessor = new Preprocessor(SmallParts.Preprocessor.Vocabulary, new() { MaxLength = 512 });
        TorchSharp.torch.random.manual_seed(seed);
        using var embedder = new ConvEmbedder(SmallParts.EmbedderOptions with { MaxLength = 512 });
        using var tower = SmallParts.Tower(embedder);
        return Composer.Compose(ModelExporter.Export(embedder, preprocessor), [("tower", ModelExporter.Export(tower, embedder, preprocessor))], new() { Pooling = new(Pooling.Mean) }).ToByteArray();
    }
}
