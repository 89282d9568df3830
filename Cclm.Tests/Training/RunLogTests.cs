using System.Text;
using System.Text.Json;
using Cclm.Training;
using NUnit.Framework;

namespace Cclm.Tests.Training;

public sealed class RunLogTests
{
    const int Every = 10, Last = 60;

    /// <summary>A process may be killed at any byte, and the checkpoint that the run is gone on from is never ahead of the log.</summary>
    [Test]
    public void WhereverTheLogIsCutTheFinishedOneHasEveryReportOnce()
    {
        using var folder = new TempFolder();
        Write(folder["whole"], from: Every);
        var whole = File.ReadAllBytes(folder["whole"]);
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var reported = Every * whole.AsSpan(0, cut).Count((byte)'\n');
            for (var checkpoint = 0; checkpoint <= reported; checkpoint += Every)
            {
                File.WriteAllBytes(folder["log"], whole[..cut]);
                Write(folder["log"], from: checkpoint + Every);
                Assert.That(File.ReadAllBytes(folder["log"]), Is.EqualTo(whole), $"cut at {cut}, gone on from step {checkpoint}");
            }
        }
    }

    [Test]
    public void ReadBackIsWhatWasReported()
    {
        using var folder = new TempFolder();
        Write(folder["log"], from: Every);
        Assert.That(RunLog.Read(folder["log"]), Is.EqualTo(Steps(Every).Select(step => RunMetrics.Of(Report(step)))));
        Assert.That(RunLog.Read(folder["none"]), Is.Empty);
        var line = JsonDocument.Parse(File.ReadLines(folder["log"]).ElementAt(1)).RootElement;
        Assert.That(line.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "step", "loss", "learningRate", "charactersPerSecond", "seconds", "memory", "heldOut" }));
        Assert.That(line.GetProperty("heldOut").GetProperty("measures")[0].GetRawText(), Is.EqualTo("""{"name":"accuracy","value":0.25,"share":true}"""));
    }

    [Test]
    public void ALogCanBeReadWhileItIsWritten()
    {
        using var folder = new TempFolder();
        using var log = new RunLog(folder["log"]);
        foreach (var step in Steps(Every))
        {
            log.Report(Report(step));
            Assert.That(RunLog.Read(folder["log"])[^1].Step, Is.EqualTo(step), "Nothing waits in a buffer.");
        }
    }

    static IEnumerable<string> Damages => ["null", "{}", "[]", "{\"step\":1}", "\0\0\0", "{\"step\":10,\"loss\":", "", "\u00ff"];

    [TestCaseSource(nameof(Damages))]
    public void WhatFollowsADamagedLineIsWrittenAnew(string damage)
    {
        using var folder = new TempFolder();
        Write(folder["log"], from: Every);
        var lines = File.ReadAllLines(folder["log"]);
        File.WriteAllText(folder["log"], $"{lines[0]}\n{damage}\n{lines[1]}\n", Encoding.Latin1);
        Assert.That(RunLog.Read(folder["log"]).Single().Step, Is.EqualTo(Every));
        Write(folder["log"], from: 2 * Every);
        Assert.That(File.ReadAllLines(folder["log"]), Is.EqualTo(lines));
    }

    [Test]
    public void HeldOutRowsThatAskNothingAreNoNumber()
    {
        using var folder = new TempFolder();
        using (var log = new RunLog(folder["log"]))
        {
            log.Report(Report(1) with { HeldOut = new(double.NaN, 0, new Measure("accuracy", double.NaN)) });
        }
        Assert.That(RunLog.Read(folder["log"]).Single().HeldOut is { Loss: double.NaN, Main: { Name: "accuracy", Value: double.NaN }, Count: 0 }, Is.True);
    }

    static void Write(string path, int from)
    {
        using var log = new RunLog(path);
        foreach (var step in Steps(from))
        {
            log.Report(Report(step));
        }
    }

    static IEnumerable<int> Steps(int from)
    {
        for (var step = from; step <= Last; step += Every)
        {
            yield return step;
        }
    }

    static TrainingProgress Report(int step) => new(step, Last, 1.0 / step, 1e-3 / step, 12345.6, TimeSpan.FromSeconds(step), TimeSpan.Zero, 1L << 33,
        step % (2 * Every) == 0 ? new(2.0 / step, 99, new Measure("accuracy", 0.25)) : null);
}
