using System.IO.Compression;
using System.Runtime.Versioning;
using Cclm.Tests.Docs;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>samples/OfflineEmbedding/slurm-array.sh as it stands, on a Slurm cluster of this machine.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
[Parallelizable]
public sealed class SlurmTests : CommandFixture
{
    const int Rows = 400_000, Shards = 4;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>A task is killed and requeued while it works; the array submitted again has nothing to do.</summary>
    [Test]
    public async Task AnArrayOfWhichATaskIsKilledIsTheWhole()
    {
        using var cluster = new SlurmCluster();
        using var folder = new EmbeddingFolder();
        folder.Input("all.jsonl", Rows);
        using (var from = File.OpenRead(folder["all.jsonl"]))
        using (var to = new GZipStream(File.Create(folder["data/all.jsonl.gz"]), CompressionLevel.Fastest))
        {
            from.CopyTo(to);
        }
        File.WriteAllText(folder["job.sh"], Documents.Read("slurm-array.sh"));
        var job = Submit();
        Assert.That(await Until(() => Directory.Exists(Parts(2)) && Directory.GetFiles(Parts(2), "*.part").Length > 1), Is.True, "The second task works.");
        cluster.Run("scancel", "--batch", "--signal=KILL", $"{job}_2");
        Assert.That(await Until(() => cluster.Run("scontrol", "show", "job", $"{job}_2").Contains("JobState=FAILED", StringComparison.Ordinal)), Is.True, "It is killed.");
        Assert.That(File.Exists(Output(2)), Is.False);
        Assert.That(Directory.GetFiles(Parts(2), "*.part"), Is.Not.Empty);
        cluster.Run("scontrol", "requeue", $"{job}_2");
        Assert.That(await Until(IsOver), Is.True, Logs());
        Assert.That(File.ReadAllText(folder["embed-2.log"]), Does.Contain("rows were done before"));

        var written = Enumerable.Range(1, Shards).Select(shard => File.GetLastWriteTimeUtc(Output(shard))).ToList();
        Submit();
        Assert.That(await Until(IsOver), Is.True, Logs());
        Assert.That(Enumerable.Range(1, Shards).Select(shard => File.GetLastWriteTimeUtc(Output(shard))), Is.EqualTo(written));
        Assert.That(Enumerable.Range(1, Shards).Select(shard => File.ReadAllText(folder[$"embed-{shard}.log"])), Has.All.Contain("nothing is left to do"));

        var (exit, _, errors) = await Cli.RunAsync("embed", folder["model.onnx"], "--input", folder["data/all.jsonl.gz"], "--output", folder["whole.parquet"]);
        Assert.That(exit, Is.Zero, errors);
        var (joined, whole) = (Enumerable.Range(1, Shards).SelectMany(shard => EmbeddingFolder.Read(Output(shard))).ToList(), EmbeddingFolder.Read(folder["whole.parquet"]));
        Assert.That(joined.Select(row => row.Row).SequenceEqual(whole.Select(row => row.Row)), Is.True);
        Assert.That(joined.Zip(whole, (a, b) => a.Vector.Zip(b.Vector, (x, y) => MathF.Abs(x - y)).Max()).Max(), Is.LessThanOrEqualTo(1e-6f));

        string Submit() => cluster.RunIn(folder.Path, "sbatch", [("CCLM", $"dotnet {Cli.App}")], "--parsable", folder["job.sh"]);
        string Output(int shard) => folder[$"vectors-{shard:D5}-of-{Shards:D5}.parquet"];
        string Parts(int shard) => $"{Output(shard)}.parts";
        bool IsOver() => cluster.Run("squeue", "--noheader").Length == 0;
        string Logs() => string.Concat(Directory.GetFiles(folder.Path, "embed-*.log").Select(File.ReadAllText));
    }

    static async Task<bool> Until(Func<bool> isSo)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!isSo() && clock.Elapsed < Patience)
        {
            await Task.Delay(200);
        }
        return isSo();
    }
}
