namespace Cclm;

/// <summary>Writes a file whole or not at all: beside its place, flushed to disk, then renamed over it.</summary>
static class AtomicFile
{
    /// <param name="path">The file to make or replace; its folder is made where it is missing.</param>
    /// <param name="write">Writes the content. When it throws, what was at <paramref name="path"/> stays as it was.</param>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        if (Path.GetDirectoryName(path) is "/dev" or "/dev/fd")     // a device is written to: a rename would replace it
        {
            using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            write(device);
            return;
        }
        var folder = Path.GetDirectoryName(path) ?? throw new IOException($"'{path}' is a folder; expected the name of a file to write.");
        Directory.CreateDirectory(folder);
        var beside = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
            FolderFlush.Flush(folder);
        }
        catch (Exception e) when (IsOf(beside, e))
        {
            throw ToldOf(path, beside, e);
        }
        finally
        {
            File.Delete(beside);    // nothing is there after a rename
        }
    }

    /// <summary>Deletes what a killed process left half written beside the files of a folder. No other process may be writing there.</summary>
    public static void DeleteLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var leftover in new DirectoryInfo(folder).GetFileSystemInfos(".*.tmp").Where(entry => IsBeside(entry.Name)))
        {
            if (leftover is DirectoryInfo beside)
            {
                beside.Delete(recursive: true);
            }
            else
            {
                leftover.Delete();
            }
        }
    }

    /// <summary>Whether an error is the file system's, of something beside.</summary>
    public static bool IsOf(string beside, Exception e) => e is (IOException or UnauthorizedAccessException) && e.Message.Contains(beside, StringComparison.Ordinal);

    /// <summary>An error of something beside, told of the place that it was to come to: that is the name that was given.</summary>
    public static Exception ToldOf(string path, string beside, Exception e)
    {
        var message = e.Message.Replace(beside, path, StringComparison.Ordinal);
        return e is UnauthorizedAccessException ? new UnauthorizedAccessException(message, e) : new IOException(message, e);
    }

    /// <summary>Whether a name is one that <see cref="Write(string, Action{Stream})"/> or <see cref="FolderUpdate"/> gives to what it writes beside: a point, 32 hexadecimal digits, <c>.tmp</c>.</summary>
    static bool IsBeside(string name) => name.Length >= 37 && name[^37] == '.' && Guid.TryParseExact(name.AsSpan(name.Length - 36, 32), "N", out _);

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Copies a file whole or not at all.</summary>
    public static void Copy(string from, string path) => Write(path, stream =>
    {
        using var source = File.OpenRead(from);
        source.CopyTo(stream);
    });
}
