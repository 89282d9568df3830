using Cclm.Training.App;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>A job that is stopped, killed or out of disk loses what it did since its last part, and nothing else.</summary>
[Parallelizable]
public sealed class EmbeddingStopTests : CommandFixture
{
    const int Rows = 250_000;

    [TestCase("v.npy")]
    [TestCase("v.parquet")]
    public async Task AKilledJobEndsAsOneThatWasNot(string output)
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", Rows);
        await Succeed(Command(folder, $"whole-{output}"));
        var kept = new Dictionary<string, DateTime>();
        foreach (var parts in (int[])[1, 9, 30])
        {
            Assert.That(await KillAt(parts, folder[$"{output}.parts"], Command(folder, output)), Is.True, "It was killed at work.");
            Assert.That(File.Exists(folder[output]), Is.False);
            Assert.That(kept.All(part => File.GetLastWriteTimeUtc(part.Key) == part.Value), Is.True, "What was done is not done again.");
            kept = Directory.GetFiles(folder[$"{output}.parts"], "*.part").ToDictionary(part => part, File.GetLastWriteTimeUtc);
            Assert.That(kept, Has.Count.GreaterThanOrEqualTo(parts));
        }
        var errors = await Succeed(Command(folder, output));
        Assert.That(errors, Does.Contain("rows were done before"));
        Assert.That(File.ReadAllBytes(folder[output]), Is.EqualTo(File.ReadAllBytes(folder[$"whole-{output}"])));
        Assert.That(folder.Names, Is.EquivalentTo((string[])["in.txt", "model.onnx", output, $"{output}.manifest.json", $"whole-{output}", $"whole-{output}.manifest.json"]));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task CtrlCStopsAndTheSameCommandGoesOn()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", Rows);
        var (exit, output, errors) = await Cli.InterruptAsync("Embedding", Command(folder, "v.npy"));
        Assert.That((exit, output), Is.EqualTo((130, "")), errors);
        Assert.That(errors, Does.Contain("goes on where it was"));
        Assert.That(File.Exists(folder["v.npy"]), Is.False);
        await Succeed(Command(folder, "v.npy"));
        Assert.That(EmbeddingFolder.Read(folder["v.npy"]), Has.Count.EqualTo(Rows));
    }

    [Test]
    public async Task OfTwoProcessesOneDoesIt()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", Rows);
        var both = await Task.WhenAll(Cli.RunAsync(Command(folder, "v.npy")), Cli.RunAsync(Command(folder, "v.npy")));
        Assert.That(both.Count(process => process.Exit == 0), Is.GreaterThanOrEqualTo(1), string.Join('\n', both.Select(process => process.Errors)));
        foreach (var process in both.Where(process => process.Exit != 0))
        {
            Assert.That(process.Errors, Does.Contain("another process"));
        }
        Assert.That(EmbeddingFolder.Read(folder["v.npy"]), Has.Count.EqualTo(Rows));
    }

    /// <summary>A kill between the last part and the end leaves one of these behind.</summary>
    [TestCase("the file without its manifest")]
    [TestCase("everything, and parts")]
    public void AnEndThatWasKilledIsEnded(string state)
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 5000);
        var job = folder.Job("in.txt", "v.parquet");
        var result = EmbeddingFolder.Run(job);
        var (whole, begun) = (File.ReadAllBytes(folder["v.parquet"]), System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(folder["v.parquet.manifest.json"])).RootElement.GetProperty("job").GetRawText());
        File.WriteAllText(folder["v.parquet.parts/job.json"], begun);
        File.WriteAllText(folder[$"v.parquet.parts/.whole.{Guid.NewGuid():N}.tmp"], "half");
        if (state == "the file without its manifest")
        {
            File.Delete(folder["v.parquet.manifest.json"]);
        }
        Assert.That(EmbeddingFolder.Run(job), Is.EqualTo(result));
        Assert.That(File.ReadAllBytes(folder["v.parquet"]), Is.EqualTo(whole));
        Assert.That(folder.Names, Is.EquivalentTo((string[])["in.txt", "model.onnx", "v.parquet", "v.parquet.manifest.json"]));
    }

    [Test]
    public void APartThatIsNotAsItWasWrittenIsSeenWhereverItIsDamaged()
    {
        using var folder = new TempFolder();
        var parts = new VectorParts(folder.Path, first: 0);
        parts.Add(0, 2, cut: 1, [new(0, "a", null, [1, 2]), new(1, null, "text", [3, 4])]);
        parts.Add(2, 3, cut: 0, [new(2, null, null, [5, 6])]);
        Assert.That(parts.Done(), Is.EqualTo(new PartsDone(3, 3, 1)));
        var (file, second) = (Path.Combine(folder.Path, "000000000000.part"), Path.Combine(folder.Path, "000000000002.part"));
        var (whole, last) = (File.ReadAllBytes(file), File.ReadAllBytes(second));
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 1;
            File.WriteAllBytes(file, damaged);
            Assert.That(parts.Done(), Is.EqualTo(new PartsDone(0, 0, 0, file)), $"byte {at}");
            File.WriteAllBytes(file, whole[..at]);
            Assert.That(parts.Done(), Is.EqualTo(new PartsDone(0, 0, 0, file)), $"cut after {at}");
        }
        File.WriteAllBytes(file, whole);
        File.WriteAllBytes(second, [.. last, 0]);
        Assert.That(parts.Done(), Is.EqualTo(new PartsDone(2, 2, 1, second)), "What comes before it is kept.");
    }

    [Test]
    public void ADamagedPartIsMadeAgain()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 5000);
        var job = folder.Job("in.txt", "v.npy");
        var result = EmbeddingFolder.Run(job);
        File.Delete(folder["v.npy"]);
        File.WriteAllText(folder["v.npy.parts/job.json"], System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(folder["v.npy.manifest.json"])).RootElement.GetProperty("job").GetRawText());
        File.WriteAllText(folder["v.npy.parts/000000000000.part"], "half of what it was");
        Assert.That(EmbeddingFolder.Run(job), Is.EqualTo(result));
    }

    [Test]
    public void AnotherJobDoesNotGoOnWithTheseParts()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 5000);
        var job = folder.Job("in.txt", "v.jsonl");
        EmbeddingFolder.Run(job);
        var manifest = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(folder["v.jsonl.manifest.json"])).RootElement.GetProperty("job").GetRawText();
        File.Delete(folder["v.jsonl"]);
        File.WriteAllText(folder["v.jsonl.parts/job.json"], manifest);
        File.WriteAllText(folder["v.jsonl.parts/000000000000.part"], "of the other job");
        var other = job with { WithText = true };
        Assert.That(() => EmbeddingFolder.Run(other), Throws.TypeOf<IOException>().With.Message.Contains("the beginning of something else").And.Message.Contains("withText"));
        Assert.That(EmbeddingFolder.Run(other with { Replace = true }).Rows, Is.EqualTo(5000));
        Assert.That(EmbeddingFolder.Read(folder["v.jsonl"])[4].Text, Is.EqualTo(EmbeddingFolder.Text(4)));
    }

    [TestCase("v.npy", 400, "the parts do not fit")]
    [TestCase("v.npy", 900, "the parts fit, the whole beside them does not")]
    [TestCase("v.parquet", 900, "the parts fit, the whole beside them does not")]
    [TestCase("v.jsonl", 900, "the parts fit, the whole beside them does not")]
    public void AFullDiskIsAClearErrorAndNothingIsLost(string output, int kilobytes, string state)
    {
        using var disk = SmallDisk.Mount(kilobytes);
        using var folder = new EmbeddingFolder(disk.Path);
        using var roomy = new EmbeddingFolder();
        roomy.Input("in.txt", 20_000);                          // 20 bytes of vector and 14 around it: 680 KB of parts
        var job = folder.Job("in.txt", output) with { Source = new() { Paths = [roomy["in.txt"]] } };
        Assert.That(() => EmbeddingFolder.Run(job), Throws.InstanceOf<IOException>().With.Message.Contains("No space left"), state);
        Assert.That(File.Exists(folder[output]), Is.False);
        Assert.That(Directory.GetFiles(folder[$"{output}.parts"], "*.part"), Is.Not.Empty, "What was done is kept.");
        Assert.That(Directory.GetFiles(folder[$"{output}.parts"], "*.tmp"), Is.Empty, "What was half written is not.");
    }

    static string[] Command(EmbeddingFolder folder, string output) => ["embed", folder["model.onnx"], "--input", folder["in.txt"], "--output", folder[output], "--provider", "cpu"];

    static async Task<string> Succeed(string[] command)
    {
        var (exit, _, errors) = await Cli.RunAsync(command);
        Assert.That(exit, Is.Zero, errors);
        return errors;
    }

    /// <summary>Kills a command when it has written so many parts; false where it ended before.</summary>
    static async Task<bool> KillAt(int parts, string folder, string[] command)
    {
        using var process = Cli.Start(command);
        process.StandardInput.Close();
        _ = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.HasExited && !(Directory.Exists(folder) && Directory.GetFiles(folder, "*.part").Length >= parts))
        {
            await Task.Delay(2);
        }
        var killed = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        return killed;
    }
}
