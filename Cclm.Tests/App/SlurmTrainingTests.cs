using System.IO.Compression;
using System.Runtime.Versioning;
using Cclm.Tests.Docs;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>The sample job of docs/scale.md under a real Slurm, whose <c>srun</c> starts the ranks.</summary>
[SupportedOSPlatform("linux")]
public sealed class SlurmTrainingTests
{
    const int MostWaits = 240;

    [Test]
    public async Task TheSampleJobTrainsWhatOneProcessTrains()
    {
        MpiTests.Ensure(MpiTests.OpenMpi);
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["data"]);
        using (var writer = new StreamWriter(new GZipStream(File.Create(folder["data/a.jsonl.gz"]), CompressionLevel.Fastest)))
        {
            for (var i = 0; i < 100; i++)
            {
                writer.WriteLine($$"""{"text":"line {{i * 7919 % 1000}} of a text"}""");
            }
        }
        folder.Write("job.sh", Documents.Read("slurm-train.sh"));
        using var cluster = new SlurmCluster();
        cluster.RunIn(folder.Path, "sbatch", [("CCLM", $"dotnet {Cli.App}"), ("STEPS", "3")], folder["job.sh"]);
        for (var waited = 0; cluster.Run("squeue", "--noheader") is { Length: > 0 } left; waited++)
        {
            Assert.That(waited, Is.LessThan(MostWaits), $"The job does not end: {left}");
            await Task.Delay(500);
        }
        var log = File.ReadAllText(folder["pretrain.log"]);
        if (log.Contains("can not load PMIx library", StringComparison.Ordinal))
        {
            Assert.Ignore("Slurm finds no libpmix.so, which Debian has in libpmix-dev.");
        }
        Assert.That(log, Does.Contain("model/towers/char_mask.safetensors after 3 steps"));
        var (exit, _, errors) = await Cli.RunAsync("pretrain", "char-mask", "--corpus", folder["data"], "--model", folder["one"], "--steps", "3", "--accumulate", "2", "--threads", "1");
        Assert.That(exit, Is.Zero, errors);
        foreach (var file in (string[])["preprocessor.json", "embedder.safetensors", "towers/char_mask.safetensors"])
        {
            Assert.That(File.ReadAllBytes(folder[$"model/{file}"]), Is.EqualTo(File.ReadAllBytes(folder[$"one/{file}"])), log);
        }
    }
}
