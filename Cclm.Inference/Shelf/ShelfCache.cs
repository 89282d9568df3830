using System.Security.Cryptography;
using System.Text;

namespace Cclm.Inference;

/// <summary>Where fetched items are kept: <c>{cache}/{tag}-{key}/{item_type}/{identifier}</c>, the key being of the shelf's location and the tag.</summary>
/// <param name="root">The cache's folder.</param>
/// <param name="location">The shelf's.</param>
/// <param name="tag">The tag.</param>
sealed class ShelfCache(string root, string location, string tag)
{
    const int KeyLength = 16;

    readonly string folder = Path.Combine(Path.GetFullPath(root), $"{tag}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{location}\n{tag}")))[..KeyLength]}");

    /// <summary>The last index that was seen.</summary>
    public string IndexFile => Path.Combine(folder, ShelfIndex.FileName);

    /// <summary>The folder of an item.</summary>
    public string Place(ComponentKind kind, string identifier) => Path.Combine(folder, kind.ItemType, identifier);

    /// <summary>A file or folder that helps to bring an item; no identifier begins with a dot, so it is no other item's place.</summary>
    public string Beside(ComponentKind kind, string identifier, string suffix) => Path.Combine(folder, kind.ItemType, $".{identifier}.{suffix}");

    /// <summary>Reads an item that is there and whole.</summary>
    /// <returns>Null, and why, where it is not.</returns>
    public (ShelfItem? Item, string? Damage) Read(ComponentKind kind, string identifier)
    {
        var place = Place(kind, identifier);
        if (!Directory.Exists(place))
        {
            return default;
        }
        try
        {
            return (new(ComponentFolder.Read(place), place), null);
        }
        catch (InvalidDataException e)
        {
            return (null, e.Message);
        }
    }
}
