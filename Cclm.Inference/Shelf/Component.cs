using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm.Inference;

/// <summary>What an item says of itself: <c>component.json</c> (docs/shelf.md).</summary>
/// <remarks>The JSON reader sets a list that a document lacks to null, whatever its initial value, so the getters give the empty one.</remarks>
public sealed record Component
{
    internal const string CurrentFormat = "cclm.component";
    internal const int CurrentFormatVersion = 1;

    [JsonInclude, JsonPropertyOrder(-2)]
    internal string Format { get; init; } = CurrentFormat;

    [JsonInclude, JsonPropertyOrder(-1)]
    internal int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>What it is.</summary>
    public required ComponentKind Kind { get; init; }

    /// <summary>Lower-case letters, digits and underscores; a tower keeps its name in a composed model.</summary>
    public required string Name { get; init; }

    /// <summary>Such as <c>1.0.0</c>: lower-case letters, digits, dots and dashes.</summary>
    public required string Version { get; init; }

    /// <summary>What others may do with it, as an SPDX expression such as <c>MIT</c>.</summary>
    public required string Licence { get; init; }

    /// <summary>A few words for whoever looks for it; markdown.</summary>
    public string? Description { get; init; }

    /// <summary>SHA-256 of the vocabulary that it was trained with, in hexadecimal.</summary>
    public required string Vocabulary { get; init; }

    /// <summary>The hash of its weights (docs/model-format.md); a preprocessor has none.</summary>
    public string? Weights { get; init; }

    /// <summary>What it stands on or is made of, by hash.</summary>
    public IReadOnlyList<ComponentParent> Parents { get => field ?? []; init; }

    /// <summary>What it was made with: type and sizes of a tower or embedder, as its safetensors file has them.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>What it was trained on, in words.</summary>
    public string? Data { get; init; }

    /// <summary>What was measured, by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get => field ?? ReadOnlyDictionary<string, double>.Empty; init; }

    /// <summary>Every file of the item but <c>component.json</c> itself.</summary>
    public IReadOnlyList<ComponentFile> Files { get => field ?? []; init; }

    /// <summary>Name and version, such as <c>topic-1.0.0</c>: what the item is fetched by.</summary>
    [JsonIgnore]
    public string Identifier => $"{Name}-{Version}";

    /// <summary>Reads the text of a <c>component.json</c>, strictly.</summary>
    /// <exception cref="InvalidDataException">It is another document, of another version, incomplete, or holds impossible values.</exception>
    public static Component Parse(ReadOnlySpan<byte> json) => ComponentDocument.Parse(json);

    /// <summary>The text of its <c>component.json</c>.</summary>
    /// <exception cref="InvalidDataException">It would not be read back.</exception>
    public string ToJson() => ComponentDocument.Write(this);
}

/// <summary>What an item stands on or is made of.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Hash">The hash of its weights; of a preprocessor, that of its vocabulary.</param>
/// <param name="Name">Its name, where that is known.</param>
public sealed record ComponentParent(ComponentKind Kind, string Hash, string? Name = null);

/// <summary>A file of an item.</summary>
/// <param name="Path">Where it lies in the item's folder, with slashes.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, in lower-case hexadecimal.</param>
public sealed record ComponentFile(string Path, long Size, string Sha256);
