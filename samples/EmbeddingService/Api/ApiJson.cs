using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>How what is asked and answered is read and written, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(SearchRequest))]
[JsonSerializable(typeof(SearchList))]
[JsonSerializable(typeof(SearchState))]
[JsonSerializable(typeof(MapRequest))]
[JsonSerializable(typeof(TextMap))]
[JsonSerializable(typeof(ErrorAnswer))]
sealed partial class ApiJson : JsonSerializerContext;
