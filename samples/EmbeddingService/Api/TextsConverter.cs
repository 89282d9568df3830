using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>Reads one string, or an array of strings.</summary>
sealed class TextsConverter : JsonConverter<IReadOnlyList<string>>
{
    public override bool HandleNull => true;

    public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return [reader.GetString()!];
        }
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Unexpected(reader.TokenType);
        }
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Unexpected(reader.TokenType));
        }
        return texts;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are only read.");

    static ApiException Unexpected(JsonTokenType found) => ApiException.Invalid(found is JsonTokenType.Number or JsonTokenType.StartArray
        ? "'input' has tokens; this model reads characters and has no tokens. Send a string or an array of strings. (LangChain: check_embedding_ctx_length=False.)"
        : $"'input' has {Name(found)}; expected a string or an array of strings.", "input");

    static string Name(JsonTokenType token) => token switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.True or JsonTokenType.False => "a truth value",
        _ => "an object",
    };
}
