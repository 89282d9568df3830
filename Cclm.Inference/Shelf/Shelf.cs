using System.Security.Cryptography;

namespace Cclm.Inference;

/// <summary>Published parts of models: fetched whole or not at all, kept in a cache, and checked by hash. Safe to use from many threads and processes at once.</summary>
/// <remarks>docs/shelf.md has the layout of a shelf, of its items and of the cache.</remarks>
public sealed class Shelf : IDisposable
{
    readonly ShelfOptions options;
    readonly ShelfLocation location;
    readonly HttpClient? owned;

    /// <param name="options">Where the shelf is and how it is read.</param>
    /// <param name="http">Sends the requests of a shelf behind a web server; it retries by itself. Null for a client of the shelf's own, which does.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the location is no place of a shelf.</exception>
    public Shelf(ShelfOptions options, HttpClient? http = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var problem in options.Problems())
        {
            throw new ArgumentException(problem, nameof(options));
        }
        this.options = options;
        owned = http is null ? ShelfHttp.CreateClient(options) : null;
        location = ShelfLocation.Parse(options, (http ?? owned)!);
    }

    /// <summary>A shelf with the default options.</summary>
    /// <param name="location">See <see cref="ShelfOptions.Location"/>.</param>
    /// <inheritdoc cref="Shelf(ShelfOptions, HttpClient?)"/>
    public Shelf(string location) : this(new ShelfOptions { Location = location })
    {
    }

    /// <summary>Brings an item into the cache, where it is not there yet, and checks it.</summary>
    /// <param name="identifier">Its name and version, such as <c>topic-1.0.0</c>.</param>
    /// <param name="itemType">What it is.</param>
    /// <param name="tag">The shelf's tag. What a tag holds under a name stays as it is, so an item in the cache is not asked for again.</param>
    /// <param name="cacheDirectory">In place of <see cref="ShelfOptions.CacheDirectory"/>.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellation">Stops it; the next fetch goes on from there.</param>
    /// <exception cref="ShelfException">The item is not there, or the shelf can not be reached.</exception>
    /// <exception cref="InvalidDataException">What came is damaged, hostile, or another item; nothing of it was kept.</exception>
    /// <exception cref="ArgumentException">The identifier or tag can not be one.</exception>
    public async Task<ShelfItem> FetchAsync(string identifier, ComponentKind itemType, string tag, string? cacheDirectory = null,
        IProgress<ShelfProgress>? progress = null, CancellationToken cancellation = default)
    {
        var cache = Cache(ItemNames.CheckTag(tag), cacheDirectory);
        var place = cache.Place(itemType, ItemNames.CheckIdentifier(identifier));
        var (there, damage) = await Task.Run(() => cache.Read(itemType, identifier), cancellation).ConfigureAwait(false);
        if (there is not null)
        {
            return there;
        }
        if (options.Offline)
        {
            throw new ShelfException($"The {itemType.ItemType} '{identifier}' of '{tag}' is not in the cache ('{place}'){(damage is null ? "" : $" whole: {damage}")}. Fetch it once without being offline.");
        }
        using var alone = await FileLock.AcquireAsync($"{place}.lock", cancellation).ConfigureAwait(false);
        if (cache.Read(itemType, identifier).Item is { } meanwhile)
        {
            return meanwhile;       // another process brought it
        }
        var archive = $"{place}.tar.gz.part";
        try
        {
            await DownloadAsync(identifier, itemType, tag, cache, archive, progress, cancellation).ConfigureAwait(false);
            return await Task.Run(() => Install(archive, place, identifier, itemType, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            Download.Forget(archive);       // going on with it would end in the same
            throw;
        }
    }

    /// <summary>What there is at a tag; offline, what there was when it was last seen.</summary>
    /// <exception cref="ShelfException">The shelf can not be reached, or has no index at that tag.</exception>
    /// <exception cref="InvalidDataException">The index is damaged.</exception>
    public async Task<IReadOnlyList<ShelfEntry>> ListAsync(string tag, CancellationToken cancellation = default)
    {
        var cache = Cache(ItemNames.CheckTag(tag), null);
        if (options.Offline)
        {
            return File.Exists(cache.IndexFile) ? ShelfIndex.Read(cache.IndexFile).Items
                : throw new ShelfException($"The index of '{tag}' was never seen. List it once without being offline.");
        }
        await using var shelf = await location.OpenAsync(tag, cancellation).ConfigureAwait(false);
        return (await ReadIndexAsync(shelf, cache, cancellation).ConfigureAwait(false))?.Items
            ?? throw new ShelfException($"There is no index at {shelf.Describe(ShelfIndex.ItemType, ShelfIndex.FileName)}. Items can be fetched by their identifiers; 'cclm shelf publish' writes an index.");
    }

    /// <summary>Packs items and puts them on the shelf, all or none. An item that is there already with the same content is left as it is.</summary>
    /// <param name="folders">Folders that <see cref="ComponentFolder.Seal"/> made.</param>
    /// <param name="tag">The tag; in a git repository a new one, which then has all that was published before too.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The items as the index lists them.</returns>
    /// <exception cref="ShelfException">The shelf can not be published to, or an item is there with other content.</exception>
    /// <exception cref="InvalidDataException">A folder is no whole item.</exception>
    public async Task<IReadOnlyList<ShelfEntry>> PublishAsync(IReadOnlyList<string> folders, string tag, CancellationToken cancellation = default)
    {
        ItemNames.CheckTag(tag);
        var packed = Directory.CreateTempSubdirectory("cclm-shelf-");
        try
        {
            List<(ShelfEntry Entry, string Archive)> items = [];
            foreach (var folder in folders)
            {
                var component = ComponentFolder.Read(folder);
                var archive = Path.Combine(packed.FullName, $"{component.Kind.ItemType}-{component.Identifier}.tar.gz");
                ItemArchive.Pack(folder, archive);
                items.Add((ShelfEntry.Of(component, archive), archive));
            }
            await location.PublishAsync(tag, items, cancellation).ConfigureAwait(false);
            return [.. items.Select(item => item.Entry)];
        }
        finally
        {
            packed.Delete(recursive: true);
        }
    }

    /// <summary>Fetches every item of a tag anew, beside the cache, and checks it.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Each item, and what is wrong with it; null where nothing is.</returns>
    /// <exception cref="ShelfException">The shelf can not be reached, or has no index at that tag.</exception>
    public async Task<IReadOnlyList<(ShelfEntry Entry, string? Problem)>> VerifyAsync(string tag, IProgress<ShelfProgress>? progress = null, CancellationToken cancellation = default)
    {
        List<(ShelfEntry, string?)> results = [];
        foreach (var entry in await ListAsync(tag, cancellation).ConfigureAwait(false))
        {
            var beside = Directory.CreateTempSubdirectory("cclm-shelf-");
            try
            {
                var item = await FetchAsync(entry.Identifier, entry.Kind, tag, beside.FullName, progress, cancellation).ConfigureAwait(false);
                results.Add((entry, entry.Weights == item.Component.Weights && entry.Vocabulary == item.Component.Vocabulary ? null : "The index gives other hashes of weights or vocabulary than the item."));
            }
            catch (Exception e) when (e is InvalidDataException or ShelfException)
            {
                results.Add((entry, e.Message));
            }
            finally
            {
                beside.Delete(recursive: true);
            }
        }
        return results;
    }

    /// <summary>Frees the connections.</summary>
    public void Dispose() => owned?.Dispose();

    ShelfCache Cache(string tag, string? directory) => new(directory ?? options.CacheDirectory, options.Location, tag);

    async Task DownloadAsync(string identifier, ComponentKind kind, string tag, ShelfCache cache, string archive, IProgress<ShelfProgress>? progress, CancellationToken cancellation)
    {
        await using var shelf = await location.OpenAsync(tag, cancellation).ConfigureAwait(false);
        var index = await ReadIndexAsync(shelf, cache, cancellation).ConfigureAwait(false);
        var entry = index?.Find(identifier, kind);
        if ((index is not null && entry is null)
            || !await shelf.FetchAsync(kind.ItemType, $"{identifier}.tar.gz", archive, entry?.Size ?? options.Limits.MaxBytes, progress, cancellation).ConfigureAwait(false))
        {
            string[] there = [.. index?.Items.Where(item => item.Kind == kind).Select(item => $"'{item.Identifier}'") ?? []];
            throw new ShelfException($"There is no {kind.ItemType} '{identifier}' at {shelf.Describe(kind.ItemType, $"{identifier}.tar.gz")}" +
                (there.Length > 0 ? $"; there are {string.Join(", ", there)}." : ". Check the identifier, the tag and the address."));
        }
        if (entry is not null && await HashAsync(archive, cancellation).ConfigureAwait(false) is var found && found != entry.Sha256)
        {
            throw new InvalidDataException($"What came from {shelf.Describe(kind.ItemType, entry.FileName)} has the SHA-256 {found}, but the shelf's index lists {entry.Sha256}. " +
                "It was damaged or replaced, and nothing of it was kept. Fetch it again, or ask whoever published it.");
        }
    }

    /// <summary>The archive becomes the item's folder by one rename; who holds the lock does it.</summary>
    ShelfItem Install(string archive, string place, string identifier, ComponentKind kind, CancellationToken cancellation)
    {
        var beside = $"{place}.tmp";
        Delete(beside);         // what a killed process left
        try
        {
            ItemArchive.Unpack(archive, beside, options.Limits, cancellation);
            var component = Read(beside, identifier, kind);
            Delete(place);      // a damaged one
            Directory.Move(beside, place);
            FolderFlush.Flush(Path.GetDirectoryName(place)!);
            Download.Forget(archive);
            return new(component, place);
        }
        finally
        {
            Delete(beside);
        }
    }

    static Component Read(string folder, string identifier, ComponentKind kind)
    {
        if (kind == ComponentKind.Preprocessor && PythonPreprocessor.IsIn(folder))
        {
            return PythonPreprocessor.Import(folder, identifier);
        }
        var component = ComponentFolder.Read(folder);
        return (component.Kind, component.Identifier) == (kind, identifier) ? component
            : throw new InvalidDataException($"The archive of the {kind.ItemType} '{identifier}' holds the {component.Kind.ItemType} '{component.Identifier}'. Ask whoever published it.");
    }

    static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<ShelfIndex?> ReadIndexAsync(IShelfTag shelf, ShelfCache cache, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(cache.IndexFile)!);
        var fetched = $"{cache.IndexFile}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (!await shelf.FetchAsync(ShelfIndex.ItemType, ShelfIndex.FileName, fetched, StrictJson.MaxBytes, null, cancellation).ConfigureAwait(false))
            {
                return null;
            }
            var index = ShelfIndex.Read(fetched);
            File.Move(fetched, cache.IndexFile, overwrite: true);
            return index;
        }
        finally
        {
            Download.Forget(fetched);
        }
    }

    static async Task<string> HashAsync(string file, CancellationToken cancellation)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }
}
