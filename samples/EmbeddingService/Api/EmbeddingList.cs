using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>The vectors of a request's texts, in their order.</summary>
sealed record EmbeddingList(IReadOnlyList<EmbeddingItem> Data, string Model, EmbeddingUsage Usage)
{
    public string Object { get; } = "list";
}

/// <summary>One text's vector.</summary>
/// <param name="Index">The text's place in the request.</param>
/// <param name="Embedding">[D] numbers, or their bytes in base64.</param>
sealed record EmbeddingItem(int Index, [property: JsonConverter(typeof(VectorConverter))] EmbeddingVector Embedding)
{
    public string Object { get; } = "embedding";
}

/// <summary>A vector and how it is written.</summary>
readonly record struct EmbeddingVector(float[] Values, bool Base64);

/// <summary>What was read, in the model's characters.</summary>
sealed record EmbeddingUsage(long PromptTokens, long TotalTokens);
