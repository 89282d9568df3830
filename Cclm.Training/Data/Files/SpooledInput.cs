using Microsoft.Win32.SafeHandles;

namespace Cclm.Training.Data;

/// <summary>
/// A stream that can be read once, kept in a temporary file so that it can be read again. The file has no name while it is used, so that
/// it is gone when the process is, however that ends.
/// </summary>
sealed class SpooledInput : IDisposable
{
    static readonly Lazy<SpooledInput> Standard = new(() =>
    {
        using var input = Console.OpenStandardInput();
        return new(input);
    });

    readonly FileStream file;

    /// <param name="stream">Read to its end.</param>
    public SpooledInput(Stream stream)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"cclm-{Guid.NewGuid():N}.tmp");
        file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }
        stream.CopyTo(file);
    }

    /// <summary>The standard input of this process, read to its end when it is first asked for.</summary>
    public static SpooledInput StandardInput => Standard.Value;

    /// <summary>A path that leads to it while it is not disposed, for native code.</summary>
    public string Path => OperatingSystem.IsWindows() ? file.Name : $"/dev/fd/{file.SafeFileHandle.DangerousGetHandle()}";

    /// <summary>Reads it from the beginning; several may read at once.</summary>
    public FileStream Open()
    {
        var stream = new FileStream(new SafeFileHandle(file.SafeFileHandle.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
        stream.Position = 0;
        return stream;
    }

    public void Dispose() => file.Dispose();
}
