namespace Cclm.Inference;

/// <summary>Where a shelf is. Files are found by a tag, an item type and a file name everywhere.</summary>
abstract class ShelfLocation
{
    /// <summary>What tells the shelf from others, wherever the process runs.</summary>
    public abstract string Address { get; }

    /// <summary>Opens the shelf as it is at a tag.</summary>
    /// <exception cref="ShelfException">It can not be reached, or has no such tag.</exception>
    public abstract Task<IShelfTag> OpenAsync(string tag, CancellationToken cancellation);

    /// <summary>Puts archives there, all or none, and lists them in the index.</summary>
    /// <exception cref="ShelfException">It can not be written to, or holds another item of the same name.</exception>
    public abstract Task PublishAsync(string tag, IReadOnlyList<(ShelfEntry Entry, string Archive)> items, CancellationToken cancellation);

    /// <summary>Reads what a user wrote.</summary>
    /// <exception cref="ArgumentException">It is no place of a shelf.</exception>
    public static ShelfLocation Parse(ShelfOptions options, HttpClient http)
    {
        var location = options.Location;
        return location.StartsWith("git+", StringComparison.Ordinal) ? new GitLocation(location["git+".Length..])
            : location.StartsWith("http://", StringComparison.Ordinal) || location.StartsWith("https://", StringComparison.Ordinal) ? new HttpLocation(location, options, http)
            : location.StartsWith("file://", StringComparison.Ordinal) ? new FolderLocation(new Uri(location).LocalPath)
            : location.Contains("://", StringComparison.Ordinal)
                ? throw new ArgumentException($"'{location}' is no place of a shelf; expected a folder, http://, https://, or git+ before the address of a repository.", nameof(options))
            : new FolderLocation(Path.GetFullPath(location));
    }
}

/// <summary>A shelf as it is at a tag.</summary>
interface IShelfTag : IAsyncDisposable
{
    /// <summary>Brings a file.</summary>
    /// <param name="itemType">What it is.</param>
    /// <param name="fileName">Its name.</param>
    /// <param name="target">Where to; what an interrupted fetch left there is gone on with where that can be.</param>
    /// <param name="maxBytes">The most that is taken.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellation">Stops it; what has come stays.</param>
    /// <returns>Whether there is such a file.</returns>
    /// <exception cref="InvalidDataException">It is longer than <paramref name="maxBytes"/>.</exception>
    Task<bool> FetchAsync(string itemType, string fileName, string target, long maxBytes, IProgress<ShelfProgress>? progress, CancellationToken cancellation);

    /// <summary>The error of a file that is longer than it may be.</summary>
    static InvalidDataException TooLong(string file, long maxBytes) => new($"{file} has more than the {maxBytes:N0} bytes that it may have. Nothing of it was kept; ask whoever published it.");

    /// <summary>Where a file would be, for messages.</summary>
    string Describe(string itemType, string fileName);
}
