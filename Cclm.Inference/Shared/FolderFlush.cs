using System.Runtime.InteropServices;

namespace Cclm;

/// <summary>Makes a rename last: on Unix a folder's entries are written to disk apart from its files (fsync(2), notes).</summary>
static partial class FolderFlush
{
    const int ReadOnly = 0;

    /// <summary>Flushes a folder's entries to disk, where the system has that. What can not be flushed is left to the system.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows() || Open(folder, ReadOnly) is var descriptor && descriptor < 0)
        {
            return;
        }
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
