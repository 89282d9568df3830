using System.Text;
using Cclm.Inference;

namespace Cclm.Tests.Shelves;

/// <summary>Items that need no training: what matters to a shelf is their names, hashes and bytes.</summary>
static class ShelfParts
{
    public static string Hash(char digit) => new(digit, 64);

    /// <summary>Makes an item's folder of a few files.</summary>
    public static string Item(TempFolder folder, string name = "topic", string version = "1.0.0", ComponentKind kind = ComponentKind.Tower, int bytes = 1000,
        string? vocabulary = null, string? weights = null, ComponentParent[]? parents = null)
    {
        var item = Directory.CreateDirectory(folder[$"items/{kind}-{name}-{version}-{Guid.NewGuid():N}"]).FullName;
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        File.WriteAllBytes(Path.Combine(item, $"{kind.ItemType}.onnx"), content);
        File.WriteAllBytes(Path.Combine(item, $"{kind.ItemType}.safetensors"), Encoding.UTF8.GetBytes(name));
        ComponentFolder.Seal(item, Component(name, version, kind, vocabulary, weights, parents));
        return item;
    }

    public static Component Component(string name = "topic", string version = "1.0.0", ComponentKind kind = ComponentKind.Tower,
        string? vocabulary = null, string? weights = null, ComponentParent[]? parents = null) => new()
        {
            Kind = kind,
            Name = name,
            Version = version,
            Licence = "MIT",
            Vocabulary = vocabulary ?? Hash('a'),
            Weights = weights ?? Hash('b'),
            Parents = parents ?? [new(ComponentKind.Embedder, Hash('c'))],
        };

    /// <summary>A shelf whose failures come soon.</summary>
    public static ShelfOptions Options(string location, string cache) => new()
    {
        Location = location,
        CacheDirectory = cache,
        Backoff = TimeSpan.FromMilliseconds(5),
        StallTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>What is in a folder: each file's name and content.</summary>
    public static string[] Content(string folder) => !Directory.Exists(folder) ? [] : [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != ".lock").Order(StringComparer.Ordinal)
        .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}")];
}
