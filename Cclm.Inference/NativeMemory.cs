using System.Runtime.InteropServices;

namespace Cclm.Inference;

/// <summary>How the system's allocator keeps the memory of models.</summary>
static partial class NativeMemory
{
    const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4;       // M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX of malloc.h
    const int LargeBlock = 256 * 1024;
    const int UsualTrimThreshold = 128 * 1024, UsualMmapMax = 65_536;      // mallopt(3)

    static int keeping;

    /// <summary>Whether the operator has said how memory is kept; it stays so then.</summary>
    static bool IsSet => ((string[])["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_MAX_"]).Any(name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>Lets large blocks be mappings of their own, which go back to the system as soon as they are freed.</summary>
    /// <remarks>
    /// glibc raises the size from which a block is one with each that is freed, to 32 MB; below it, what models need and free is left in
    /// pieces, and a process that loads a model again and again grows (mallopt(3), "dynamic mmap threshold"). Nothing is changed where the
    /// operator has set the threshold, or on another allocator.
    /// </remarks>
    public static void ReturnLargeBlocks() => Set((MmapThreshold, LargeBlock));

    /// <summary>Keeps all that is freed for the next that asks, until it and all others that keep are disposed: for work that asks for the same again and again, such as the steps of a training.</summary>
    /// <remarks>The system gives memory in pages of 4 KB that it clears when they are first written to; a step that has to ask it for each tensor takes nearly twice as long.</remarks>
    public static IDisposable KeepFreedBlocks()
    {
        if (Interlocked.Increment(ref keeping) == 1)
        {
            Set((MmapMax, 0), (TrimThreshold, int.MaxValue));
        }
        return new Restored();
    }

    static void Set(params ReadOnlySpan<(int Option, int Value)> options)
    {
        if (!OperatingSystem.IsLinux() || IsSet)
        {
            return;
        }
        try
        {
            foreach (var (option, value) in options)
            {
                _ = SetOption(option, value);
            }
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl, whose large blocks are mappings anyhow
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    sealed class Restored : IDisposable
    {
        public void Dispose()
        {
            if (Interlocked.Decrement(ref keeping) == 0)
            {
                Set((MmapMax, UsualMmapMax), (TrimThreshold, UsualTrimThreshold));
            }
        }
    }
}
