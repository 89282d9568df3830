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

    internal static ShelfEntry Of(Component component, string archive) => new()
    {
        Kind = component.Kind,
        Identifier = component.Identifier,
        Licence = component.Licence,
        Description = component.Description,
        Vocabulary = component.Vocabulary,
        Weights = component.Weights,
        Parents = component.Parents,
        Size = new FileInfo(archive).Length,
        Sha256 = FileHash.Of(archive),
    };

    /// <summary>What can not be in it, in words that go on behind its identifier.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach (var problem in ItemRules.Texts(Licence, Description).Concat(ItemRules.Hashes(Kind, Vocabulary, Weights, Parents, ("sha256", Sha256))))
        {
            yield return problem;
        }
        if (Parents.Count > ItemRules.MaxList)
        {
            yield return $"has more than {ItemRules.MaxList} parents.";
        }
        if (Size < 0)
        {
            yield return $"has {Size} bytes.";
        }
    }

    /// <summary>The error of an item whose place another one has.</summary>
    internal ShelfException Taken(string there) => new(
        $"There is a {Kind.ItemType} '{Identifier}' on the shelf already, with other content: its archive's SHA-256 is {there}, but this one's is {Sha256}. What was published stays; publish this one under another version.");
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
                foreach (var problem in item.Problems())
                {
                    throw new InvalidDataException($"The {item.Kind.ItemType} '{item.Identifier}' {problem}");
                }
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
                throw entry.Taken(there.Sha256);
            }
        }
        return this with { Items = [.. items.OrderBy(item => item.Kind).ThenBy(item => item.Identifier, StringComparer.Ordinal)] };
    }
}
