namespace Cclm.Inference;

/// <summary>A lock between processes: an open file, which the system closes when its holder is killed.</summary>
/// <remarks>The file itself stays: deleting it would let one process lock the old file while another locks a new one.</remarks>
static class FileLock
{
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until nobody else holds the lock; disposing releases it.</summary>
    public static async Task<IDisposable> AcquireAsync(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Poll, cancellation).ConfigureAwait(false);
            }
        }
    }
}
