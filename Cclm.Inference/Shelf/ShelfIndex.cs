using System.Text.Json.Serialization;

namespace Cclm.Inference;

/// <summary>An item as a shelf's index lists it.</summary>
public sealed record ShelfEntry
{
    /// <summary>What it is.</summary>
    public required ComponentKind Kind { get; init; }

    /// <summary>What it is fetched by.</summary>
    public required string Identifier { get; init; }

    /// <summary>What others may do with it.</summary>
    public required string Licence { get; init; }

    /// <inheritdoc cref="Component.Description"/>
    public string? Description { get; init; }

    /// <inheritdoc cref="Component.Vocabulary"/>
    public required string Vocabulary { get; init; }

    /// <inheritdoc cref="Component.Weights"/>
    public string? Weights { get; init; }

    /// <inheritdoc cref="Component.Parents"/>
    public IReadOnlyList<ComponentParent> Parents { get => field ?? []; init; }

    /// <summary>The archive's length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the archive, in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    [JsonIgnore]
    internal string FileName => $"{Identifier}.tar.gz";

    internal static ShelfEntry Of(Component component, string archive)
    {
        using var stream = File.OpenRead(archive);
        return new()
        {
            Kind = component.Kind,
            Identifier = component.Identifier,
            Licence = component.Licence,
            Description = component.Description,
            Vocabulary = component.Vocabulary,
            Weights = component.Weights,
            Parents = component.Parents,
            Size = stream.Length,
            Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream)),
        };
    }
}

/// <summary>What there is on a shelf at a tag: <c>index.json</c>, in the place of an item of type <c>index</c>.</summary>
sealed record ShelfIndex
{
    public const string ItemType = "index", FileName = "index.json";

    const string CurrentFormat = "cclm.shelf";
    const int CurrentFormatVersion = 1;

    public string Format { get; init; } = CurrentFormat;
    public int FormatVersion { get; init; } = CurrentFormatVersion;
    public required IReadOnlyList<ShelfEntry> Items { get; init; }

    /// <exception cref="InvalidDataException">It is another document, or damaged.</exception>
    public static ShelfIndex Read(string file)
    {
        try
        {
            var index = new FileInfo(file) is { Length: > StrictJson.MaxBytes } large
                ? throw new InvalidDataException($"The document has {large.Length:N0} bytes; expected at most {StrictJson.MaxBytes:N0}.")
                : StrictJson.Parse(File.ReadAllBytes(file), ShelfJson.Default.ShelfIndex, CurrentFormat, CurrentFormatVersion);
            foreach (var item in index.Items)
            {
                ItemNames.CheckIdentifier(item.Identifier);
            }
            return index;
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"The shelf's index can not be read. {e.Message} Publish to the shelf again to have it written anew.", e);
        }
    }

    public void Write(string file) => AtomicFile.Write(file, StrictJson.Write(this, ShelfJson.Default.ShelfIndex));

    public ShelfEntry? Find(string identifier, ComponentKind kind) => Items.FirstOrDefault(item => item.Identifier == identifier && item.Kind == kind);

    /// <summary>The index with more items; one that is there already stays as it is.</summary>
    /// <exception cref="ShelfException">An item is there with other content.</exception>
    public ShelfIndex With(IEnumerable<ShelfEntry> published)
    {
        List<ShelfEntry> items = [.. Items];
        foreach (var entry in published)
        {
            var there = Find(entry.Identifier, entry.Kind);
            if (there is null)
            {
                items.Add(entry);
            }
            else if (there.Sha256 != entry.Sha256)
            {
                throw new ShelfException($"There is a {entry.Kind.ItemType} '{entry.Identifier}' on the shelf already, with other content: " +
                    $"its archive's SHA-256 is {there.Sha256}, but this one's is {entry.Sha256}. What was published stays; publish this one under another version.");
            }
        }
        return this with { Items = [.. items.OrderBy(item => item.Kind).ThenBy(item => item.Identifier, StringComparer.Ordinal)] };
    }
}
