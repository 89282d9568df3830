namespace Cclm.Inference;

/// <summary>A shelf behind a web server that serves files, such as the raw files of a Git LFS host.</summary>
sealed class HttpLocation : ShelfLocation
{
    const string Tag = "{tag}", ItemType = "{item_type}", FileName = "{filename}";

    readonly Download download;
    readonly string template;

    /// <exception cref="ArgumentException">The template lacks a place, or is no URL.</exception>
    public HttpLocation(string location, ShelfOptions options, HttpClient http)
    {
        template = location.Contains('{', StringComparison.Ordinal) ? location : $"{location.TrimEnd('/')}/{Tag}/{ItemType}/{FileName}";
        if (((string[])[Tag, ItemType, FileName]).FirstOrDefault(place => !template.Contains(place, StringComparison.Ordinal)) is { } missing)
        {
            throw new ArgumentException($"The address '{location}' has no '{missing}'; expected all of {Tag}, {ItemType} and {FileName}, or none.", nameof(location));
        }
        if (!Uri.TryCreate(Fill("tag", "type", "name").OriginalString, UriKind.Absolute, out _))
        {
            throw new ArgumentException($"'{location}' is no address of a web server.", nameof(location));
        }
        download = new(http, options);
    }

    public override string Address => template;

    public override Task<IShelfTag> OpenAsync(string tag, CancellationToken cancellation) => Task.FromResult<IShelfTag>(new HttpTag(this, tag));

    public override Task PublishAsync(string tag, IReadOnlyList<(ShelfEntry Entry, string Archive)> items, CancellationToken cancellation) =>
        throw new ShelfException($"'{template}' is read over HTTP, which can not be published to. Publish to the folder that it serves, or to its git repository ('git+' and its address).");

    Uri Fill(string tag, string itemType, string fileName) => new(template.Replace(Tag, Uri.EscapeDataString(tag), StringComparison.Ordinal)
        .Replace(ItemType, Uri.EscapeDataString(itemType), StringComparison.Ordinal).Replace(FileName, Uri.EscapeDataString(fileName), StringComparison.Ordinal), UriKind.RelativeOrAbsolute);

    sealed class HttpTag(HttpLocation shelf, string tag) : IShelfTag
    {
        public string Describe(string itemType, string fileName) => Download.Show(shelf.Fill(tag, itemType, fileName));

        public Task<bool> FetchAsync(string itemType, string fileName, string target, long maxBytes, IProgress<ShelfProgress>? progress, CancellationToken cancellation) =>
            shelf.download.FetchAsync(shelf.Fill(tag, itemType, fileName), target, maxBytes, bytes => progress?.Report(new(fileName, bytes.Here, bytes.Total)), cancellation);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
