using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>How what is asked and answered is read and written, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ErrorAnswer))]
sealed partial class ApiJson : JsonSerializerContext;
