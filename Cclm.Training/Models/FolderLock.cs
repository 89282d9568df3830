namespace Cclm.Training;

/// <summary>A folder that one process at a time works in.</summary>
static class FolderLock
{
    internal const string Name = ".lock";

    /// <summary>Keeps other processes out of a folder until it is disposed, and clears away what killed ones left half written; it also shows early that the folder can be written to.</summary>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="use">What it is taken for, such as <c>trained in</c>.</param>
    /// <exception cref="IOException">Another process has it, or it can not be written to.</exception>
    public static IDisposable Take(string folder, string use)
    {
        FolderUpdate.CheckIsFolder(folder);
        Directory.CreateDirectory(folder);
        try
        {
            var alone = new FileStream(Path.Combine(folder, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);        // it stays: of one that is deleted, two could be locked
            AtomicFile.DeleteLeftovers(folder);
            return alone;
        }
        catch (IOException e)
        {
            throw new IOException($"'{folder}' can not be {use}: {e.Message} Is another process at it? Wait for it, or choose another place.", e);
        }
    }
}
