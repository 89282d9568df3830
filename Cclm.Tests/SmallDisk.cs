using System.Diagnostics;
using NUnit.Framework;

namespace Cclm.Tests;

/// <summary>A disk in memory of a few kilobytes, to be full on; only root can make one.</summary>
sealed class SmallDisk : IDisposable
{
    readonly TempFolder folder = new();

    SmallDisk()
    {
    }

    public string Path => folder.Path;

    public static SmallDisk Mount(int kilobytes)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Assert.Ignore("Only root on Linux can make a disk to be full on.");
        }
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "cclm-test", disk.Path) != 0)
        {
            disk.folder.Dispose();
            Assert.Ignore("This machine does not let a test mount a disk.");
        }
        return disk;
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        folder.Dispose();
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
