namespace Cclm.Inference;

/// <summary>Brings items and the index of one tag into a cache.</summary>
/// <param name="options">How.</param>
/// <param name="location">Where from.</param>
/// <param name="cache">Where to.</param>
/// <param name="tag">The tag.</param>
sealed class ShelfFetch(ShelfOptions options, ShelfLocation location, ShelfCache cache, string tag)
{
    /// <inheritdoc cref="Shelf.ListAsync"/>
    public async Task<ShelfIndex> IndexAsync(CancellationToken cancellation)
    {
        if (options.Offline)
        {
            return File.Exists(cache.IndexFile) ? ShelfIndex.Read(cache.IndexFile)
                : throw new ShelfException($"The index of '{tag}' was never seen. List it once without being offline.");
        }
        await using var shelf = await location.OpenAsync(tag, cancellation).ConfigureAwait(false);
        return await ReadIndexAsync(shelf, cancellation).ConfigureAwait(false)
            ?? throw new ShelfException($"There is no index at {shelf.Describe(ShelfIndex.ItemType, ShelfIndex.FileName)}. Items can be fetched by their identifiers; 'cclm shelf publish' writes an index.");
    }

    /// <inheritdoc cref="Shelf.FetchAsync"/>
    public async Task<ShelfItem> ItemAsync(string identifier, ComponentKind kind, IProgress<ShelfProgress>? progress, CancellationToken cancellation)
    {
        var place = cache.Place(kind, identifier);
        var (there, damage) = await Task.Run(() => cache.Read(kind, identifier), cancellation).ConfigureAwait(false);
        if (there is not null)
        {
            return there;
        }
        if (options.Offline)
        {
            throw new ShelfException($"The {kind.ItemType} '{identifier}' of '{tag}' is not in the cache ('{place}'){(damage is null ? "" : $" whole: {damage}")}. Fetch it once without being offline.");
        }
        using var alone = await FileLock.AcquireAsync(cache.Beside(kind, identifier, "lock"), cancellation).ConfigureAwait(false);
        if (cache.Read(kind, identifier).Item is { } meanwhile)
        {
            return meanwhile;       // another process brought it
        }
        var archive = cache.Beside(kind, identifier, "tar.gz.part");
        try
        {
            await DownloadAsync(identifier, kind, archive, progress, cancellation).ConfigureAwait(false);
            return await Task.Run(() => Install(archive, place, identifier, kind, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            Download.Forget(archive);       // going on with it would end in the same
            throw;
        }
    }

    async Task DownloadAsync(string identifier, ComponentKind kind, string archive, IProgress<ShelfProgress>? progress, CancellationToken cancellation)
    {
        await using var shelf = await location.OpenAsync(tag, cancellation).ConfigureAwait(false);
        var index = await ReadIndexAsync(shelf, cancellation).ConfigureAwait(false);
        var entry = index?.Find(identifier, kind);
        if ((index is not null && entry is null)
            || !await shelf.FetchAsync(kind.ItemType, $"{identifier}.tar.gz", archive, Math.Min(entry?.Size ?? long.MaxValue, options.Limits.MaxBytes), progress, cancellation).ConfigureAwait(false))
        {
            string[] there = [.. index?.Items.Where(item => item.Kind == kind).Select(item => $"'{item.Identifier}'") ?? []];
            throw new ShelfException($"There is no {kind.ItemType} '{identifier}' at {shelf.Describe(kind.ItemType, $"{identifier}.tar.gz")}" +
                (there.Length > 0 ? $"; there are {string.Join(", ", there)}." : ". Check the identifier, the tag and the address."));
        }
        if (entry is not null && await FileHash.OfAsync(archive, cancellation).ConfigureAwait(false) is var found && found != entry.Sha256)
        {
            throw new InvalidDataException($"What came from {shelf.Describe(kind.ItemType, entry.FileName)} has the SHA-256 {found}, but the shelf's index lists {entry.Sha256}. " +
                "It was damaged or replaced, and nothing of it was kept. Fetch it again, or ask whoever published it.");
        }
    }

    /// <summary>The archive becomes the item's folder by one rename; who holds the lock does it.</summary>
    ShelfItem Install(string archive, string place, string identifier, ComponentKind kind, CancellationToken cancellation)
    {
        var beside = cache.Beside(kind, identifier, "tmp");
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

    async Task<ShelfIndex?> ReadIndexAsync(IShelfTag shelf, CancellationToken cancellation)
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
}
