using System.Runtime.InteropServices;

namespace Cclm.Training;

/// <summary>How libtorch's threads wait for each other at the end of each operator.</summary>
static partial class WaitingThreads
{
    const string SpinCount = "GOMP_SPINCOUNT", Policy = "OMP_WAIT_POLICY", Turns = "1000";

    /// <summary>Lets them spin for some microseconds and then sleep (libgomp's manual, section 4.21), unless the operator has said otherwise.</summary>
    /// <remarks>
    /// By itself a thread spins for milliseconds, and keeps a processor from those it waits for: with one other busy process on two processors a
    /// step took eleven times as long (docs/performance.md). libgomp reads the process's own environment, of which .NET has a copy, when libtorch is loaded.
    /// </remarks>
    public static void SpinBriefly()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Policy) is null)
        {
            _ = SetVariable(SpinCount, Turns, overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
