using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cclm.Training;

/// <summary>A file without a place on disk (Linux <c>memfd_create(2)</c>), for handing bytes to the dynamic linker.</summary>
static partial class MemoryFile
{
    /// <returns>A path under /proc that reads as the file for as long as the process lives.</returns>
    public static string Create(string name, ReadOnlySpan<byte> content)
    {
        var descriptor = MemoryFileDescriptor(name, 1 /* MFD_CLOEXEC */);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"memfd_create could not make room for {name} ({content.Length} bytes).");
        }
        using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(handle, content, 0);
        return $"/proc/self/fd/{descriptor}";
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFileDescriptor(string name, uint flags);
}
