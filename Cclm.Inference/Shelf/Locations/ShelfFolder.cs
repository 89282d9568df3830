namespace Cclm.Inference;

/// <summary>The files of one tag in a folder: <c>{item_type}/{filename}</c>, and <c>index/index.json</c>.</summary>
static class ShelfFolder
{
    /// <summary>Adds archives and lists them; the index is written last, so that what it lists is there.</summary>
    /// <exception cref="ShelfException">An item is there with other content; nothing was changed.</exception>
    public static void Add(string folder, IReadOnlyList<(ShelfEntry Entry, string Archive)> items)
    {
        var file = Path.Combine(folder, ShelfIndex.ItemType, ShelfIndex.FileName);
        var index = File.Exists(file) ? ShelfIndex.Read(file) : new() { Items = [] };
        var grown = index.With(items.Select(item => item.Entry));
        foreach (var (entry, _) in items.Where(item => index.Find(item.Entry.Identifier, item.Entry.Kind) is null))
        {
            CheckFree(Place(entry), entry);
        }
        foreach (var (entry, archive) in items)
        {
            AtomicFile.Copy(archive, Place(entry));
        }
        grown.Write(file);

        string Place(ShelfEntry entry) => Path.Combine(folder, entry.Kind.ItemType, entry.FileName);
    }

    /// <summary>An archive that no index lists was published all the same.</summary>
    static void CheckFree(string archive, ShelfEntry entry)
    {
        if (File.Exists(archive) && (LfsPointer.HashIn(archive) ?? FileHash.Of(archive)) is var there && there != entry.Sha256)
        {
            throw entry.Taken(there);
        }
    }
}

/// <summary>Files of one tag, read from a folder.</summary>
sealed class FolderTag(string folder) : IShelfTag
{
    const int BufferBytes = 1 << 20;

    public string Describe(string itemType, string fileName) => Path.Combine(folder, itemType, fileName);

    public async Task<bool> FetchAsync(string itemType, string fileName, string target, long maxBytes, IProgress<ShelfProgress>? progress, CancellationToken cancellation)
    {
        var file = Describe(itemType, fileName);
        if (!File.Exists(file))
        {
            return false;
        }
        using var source = File.OpenRead(file);
        if (source.Length > maxBytes)
        {
            throw IShelfTag.TooLong($"'{file}'", maxBytes);
        }
        using var copy = new FileStream(target, FileMode.Create, FileAccess.Write);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            await copy.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress?.Report(new(fileName, copy.Length, source.Length));
        }
        return true;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
