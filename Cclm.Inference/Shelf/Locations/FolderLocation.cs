namespace Cclm.Inference;

/// <summary>A shelf in a folder: <c>{tag}/{item_type}/{filename}</c>. Any web server can serve it as it is.</summary>
sealed class FolderLocation(string root) : ShelfLocation
{
    public override string Address => root;

    public override Task<IShelfTag> OpenAsync(string tag, CancellationToken cancellation)
    {
        var folder = Path.Combine(root, tag);
        return Directory.Exists(folder) ? Task.FromResult<IShelfTag>(new FolderTag(folder)) : throw new ShelfException(Missing(tag));
    }

    public override async Task PublishAsync(string tag, IReadOnlyList<(ShelfEntry Entry, string Archive)> items, CancellationToken cancellation)
    {
        using var alone = await FileLock.AcquireAsync(Path.Combine(root, $".{tag}.lock"), cancellation).ConfigureAwait(false);
        ShelfFolder.Add(Path.Combine(root, tag), items);
    }

    string Missing(string tag)
    {
        if (!Directory.Exists(root))
        {
            return $"There is no folder '{root}'; expected a shelf, as 'cclm shelf publish' makes it.";
        }
        var tags = Directory.GetDirectories(root).Select(folder => $"'{Path.GetFileName(folder)}'").Order(StringComparer.Ordinal).ToArray();
        return $"The shelf '{root}' has no tag '{tag}'; it has {(tags.Length == 0 ? "none" : string.Join(", ", tags))}.";
    }
}
