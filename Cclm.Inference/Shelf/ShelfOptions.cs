namespace Cclm.Inference;

/// <summary>Where a shelf is, and how it is read. Settable, so that it binds to configuration; a shelf reads it once.</summary>
public sealed class ShelfOptions
{
    /// <summary>A folder, an HTTP address, or a git repository (docs/shelf.md).</summary>
    /// <remarks>
    /// <c>https://host/{tag}/{item_type}/{filename}</c> is filled in; without the braces they are appended. <c>git+</c> before the
    /// address of a repository fetches with the programs git and git-lfs.
    /// </remarks>
    public string Location { get; set; } = "";

    /// <summary>Where fetched items are kept.</summary>
    public string CacheDirectory { get; set; } = DefaultCacheDirectory;

    /// <summary>Use what is in the cache and nothing else.</summary>
    public bool Offline { get; set; }

    /// <summary>How often a request is tried again, and a download goes on without having brought a byte, before it fails.</summary>
    public int Retries { get; set; } = 5;

    /// <summary>The wait before the first retry; each later one waits twice as long. A server's Retry-After is honoured instead.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may say nothing before the connection is given up and tried again.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>When an archive is taken for a bomb.</summary>
    public ArchiveLimits Limits { get; set; } = new();

    /// <summary><c>$XDG_CACHE_HOME/cclm/shelf</c> or <c>~/.cache/cclm/shelf</c>; on Windows <c>%LOCALAPPDATA%\cclm\shelf</c>.</summary>
    public static string DefaultCacheDirectory => Path.Combine(
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache) ? cache
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "cclm", "shelf");

    /// <summary>What is wrong with the options, one sentence each.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Location.Length == 0)
        {
            yield return "Location is missing; expected a folder, an HTTP address, or 'git+' and the address of a repository.";
        }
        if (CacheDirectory.Length == 0)
        {
            yield return "CacheDirectory is empty; expected a folder.";
        }
        if (Retries < 0)
        {
            yield return $"Retries is {Retries}; expected 0 or more.";
        }
        if (Backoff < TimeSpan.Zero || Backoff > TimeSpan.FromHours(1))
        {
            yield return $"Backoff is {Backoff}; expected between 0 and one hour.";
        }
        if (StallTimeout < TimeSpan.FromMilliseconds(10) || StallTimeout > TimeSpan.FromDays(1))
        {
            yield return $"StallTimeout is {StallTimeout}; expected between 10 milliseconds and one day.";
        }
    }
}

/// <summary>How far a file has come.</summary>
/// <param name="File">The file, as the shelf names it.</param>
/// <param name="Bytes">Bytes that are here.</param>
/// <param name="Total">Bytes of the whole; null where the server does not say.</param>
public sealed record ShelfProgress(string File, long Bytes, long? Total);
