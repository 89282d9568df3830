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
        ItemNames.CheckIdentifier(identifier);
        return await Fetch(tag, cacheDirectory).ItemAsync(identifier, itemType, progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>What there is at a tag; offline, what there was when it was last seen.</summary>
    /// <exception cref="ShelfException">The shelf can not be reached, or has no index at that tag.</exception>
    /// <exception cref="InvalidDataException">The index is damaged.</exception>
    public async Task<IReadOnlyList<ShelfEntry>> ListAsync(string tag, CancellationToken cancellation = default) =>
        (await Fetch(tag, null).IndexAsync(cancellation).ConfigureAwait(false)).Items;

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

    ShelfFetch Fetch(string tag, string? cacheDirectory) =>
        new(options, location, new(cacheDirectory ?? options.CacheDirectory, location.Address, ItemNames.CheckTag(tag)), tag);
}
