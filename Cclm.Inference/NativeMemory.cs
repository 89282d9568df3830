using System.Runtime.InteropServices;

namespace Cclm.Inference;

/// <summary>How the system's allocator keeps the memory of models.</summary>
static partial class NativeMemory
{
    const string Variable = "MALLOC_MMAP_THRESHOLD_";
    const int MmapThreshold = -3;       // M_MMAP_THRESHOLD of malloc.h
    const int LargeBlock = 256 * 1024;

    /// <summary>Lets large blocks be mappings of their own, which go back to the system as soon as they are freed.</summary>
    /// <remarks>
    /// glibc raises the size from which a block is one with each that is freed, to 32 MB; below it, what models need and free is left in
    /// pieces, and a process that loads a model again and again grows (mallopt(3), "dynamic mmap threshold"). Nothing is changed where the
    /// operator has set the threshold, or on another allocator.
    /// </remarks>
    public static void ReturnLargeBlocks()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Variable) is not null)
        {
            return;
        }
        try
        {
            _ = SetOption(MmapThreshold, LargeBlock);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl, whose large blocks are mappings anyhow
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
