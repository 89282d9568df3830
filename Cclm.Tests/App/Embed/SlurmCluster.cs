using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>A Slurm cluster of this machine alone: Debian's packages slurm-wlm and munge, run as root out of a folder.</summary>
[SupportedOSPlatform("linux")]
sealed class SlurmCluster : IDisposable
{
    static readonly string[] Programs = ["munged", "slurmctld", "slurmd"];

    readonly TempFolder folder = new();

    /// <summary>Starts it; the test is skipped where it can not be.</summary>
    public SlurmCluster()
    {
        if (Environment.UserName != "root" || Programs.Any(program => !File.Exists($"/usr/sbin/{program}")))
        {
            folder.Dispose();
            Assert.Ignore("Slurm can be started only by root where slurm-wlm and munge are installed.");
        }
        folder.Write("slurm.conf", Configuration());
        folder.Write("munge.key", RandomNumberGenerator.GetBytes(1024));
        File.SetUnixFileMode(folder["munge.key"], UnixFileMode.UserRead);
        Directory.CreateDirectory(folder["state"]);
        Directory.CreateDirectory(folder["spool"]);
        Run("/usr/sbin/munged", "--force", $"--key-file={folder["munge.key"]}", $"--socket={folder["munge.socket"]}", $"--pid-file={folder["munged.pid"]}",
            $"--log-file={folder["munged.log"]}", $"--seed-file={folder["munge.seed"]}");
        Run("/usr/sbin/slurmctld");
        Run("/usr/sbin/slurmd");
        for (var waited = 0; !Run("sinfo", "--noheader", "--format=%T").Contains("idle", StringComparison.Ordinal); waited++)
        {
            Assert.That(waited, Is.LessThan(60), $"The cluster did not come up: {Log("slurmctld.log")}{Log("slurmd.log")}");
            Thread.Sleep(500);
        }
    }

    /// <summary>Runs a program of the cluster's.</summary>
    public string Run(string program, params string[] arguments) => RunIn(folder.Path, program, [], arguments);

    /// <inheritdoc cref="Run(string, string[])"/>
    public string RunIn(string path, string program, IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = path, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = folder["slurm.conf"];
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program}: {errors.GetAwaiter().GetResult()}");
        return output.GetAwaiter().GetResult().Trim();
    }

    /// <summary>Ends the processes that it started, which their own files name.</summary>
    public void Dispose()
    {
        foreach (var program in Programs.Reverse().Where(program => File.Exists(folder[$"{program}.pid"])))
        {
            using var process = Process.GetProcessById(int.Parse(File.ReadAllText(folder[$"{program}.pid"]), System.Globalization.CultureInfo.InvariantCulture));
            process.Kill();
            process.WaitForExit();
        }
        folder.Dispose();
    }

    string Log(string name) => File.Exists(folder[name]) ? File.ReadAllText(folder[name]) : "";

    string Configuration() => $"""
        ClusterName=test
        SlurmctldHost={Environment.MachineName.Split('.')[0]}(127.0.0.1)
        SlurmUser=root
        AuthType=auth/munge
        AuthInfo=socket={folder["munge.socket"]},cred_expire=10
        ProctrackType=proctrack/pgid
        TaskPlugin=task/none
        SelectType=select/cons_tres
        JobAcctGatherType=jobacct_gather/none
        AccountingStorageType=accounting_storage/none
        MpiDefault=none
        ReturnToService=2
        SlurmctldPort=26817
        SlurmdPort=26818
        StateSaveLocation={folder["state"]}
        SlurmdSpoolDir={folder["spool"]}
        SlurmctldPidFile={folder["slurmctld.pid"]}
        SlurmdPidFile={folder["slurmd.pid"]}
        SlurmctldLogFile={folder["slurmctld.log"]}
        SlurmdLogFile={folder["slurmd.log"]}
        NodeName={Environment.MachineName.Split('.')[0]} NodeAddr=127.0.0.1 CPUs=2
        PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP

        """;
}
