using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>Which texts to embed, and how to write their vectors.</summary>
sealed record EmbeddingRequest
{
    /// <summary>One text, or several.</summary>
    [JsonConverter(typeof(TextsConverter))]
    public required IReadOnlyList<string> Input { get; init; }

    /// <summary>The model's name; the one that is served, where it is left out.</summary>
    public string? Model { get; init; }

    /// <summary>How a vector is written: float, an array of numbers, or base64, its little-endian 32-bit floats.</summary>
    public string? EncodingFormat { get; init; }

    /// <summary>The length of the vectors; only that of the model's own.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Whom the client asks for; not read.</summary>
    public string? User { get; init; }
}
