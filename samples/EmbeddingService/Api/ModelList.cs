namespace EmbeddingService.Api;

/// <summary>The models that are served.</summary>
sealed record ModelList(IReadOnlyList<ModelItem> Data)
{
    public string Object { get; } = "list";
}

/// <summary>A model that is served.</summary>
/// <param name="Id">Its name in requests.</param>
/// <param name="Created">When its file was written, in seconds since 1970.</param>
sealed record ModelItem(string Id, long Created)
{
    public string Object { get; } = "model";

    public string OwnedBy { get; } = "cclm";
}
