namespace Cclm;

/// <summary>Changes several files of a folder together: all are written and flushed beside it first, then each is renamed into place.</summary>
static class FolderUpdate
{
    /// <exception cref="IOException">There is a file in the folder's place.</exception>
    public static void CheckIsFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"'{folder}' is a file; expected a folder, or a name for a new one.");
        }
    }

    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="write">Writes the files, at the same relative paths, into the folder it is given. When it throws, nothing has changed.</param>
    public static void Write(string folder, Action<string> write)
    {
        CheckIsFolder(folder);
        var beside = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(beside);
            write(beside);
            foreach (var file in Directory.GetFiles(beside, "*", SearchOption.AllDirectories))
            {
                var place = Path.Combine(folder, Path.GetRelativePath(beside, file));
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                File.Move(file, place, overwrite: true);
                FolderFlush.Flush(Path.GetDirectoryName(place)!);
            }
        }
        catch (Exception e) when (AtomicFile.IsOf(beside, e))
        {
            throw AtomicFile.ToldOf(folder, beside, e);
        }
        finally
        {
            if (Directory.Exists(beside))
            {
                Directory.Delete(beside, recursive: true);
            }
        }
    }
}
