using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Cclm.Inference;

/// <summary>The shelf's documents come from anywhere, so they are read strictly: no unknown, missing or repeated field.</summary>
static class StrictJson
{
    /// <summary>More than any item needs; what is read into memory is bounded by it.</summary>
    public const int MaxBytes = 4 << 20;

    // Text stays readable: the documents go into no web page.
    static readonly JsonWriterOptions Writing = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a document of a format and version.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">How to read it.</param>
    /// <param name="format">What its <c>format</c> has to be.</param>
    /// <param name="version">What its <c>formatVersion</c> has to be.</param>
    /// <exception cref="InvalidDataException">It is another document, of another version, or damaged.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string format, int version)
    {
        if (json.Length > MaxBytes)
        {
            throw new InvalidDataException($"The document has {json.Length:N0} bytes; expected at most {MaxBytes:N0}.");
        }
        try
        {
            // Format and version first: a later version may have fields that this one would call unknown.
            var header = JsonSerializer.Deserialize(json, DocumentHeaderJson.Default.DocumentHeader);
            if (header?.Format != format)
            {
                throw new InvalidDataException($"The document's format is '{header?.Format}'; expected '{format}'. Was another file given?");
            }
            if (header.FormatVersion != version)
            {
                throw new InvalidDataException($"The document's version is {header.FormatVersion}; this library reads {version}. Update the library.");
            }
            RefuseNull(json);
            return JsonSerializer.Deserialize(json, type)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The document was damaged or edited: {e.Message}", e);
        }
    }

    /// <summary>What is not there is left out, so null is nothing that was written; among the items of a list no annotation keeps it out.</summary>
    static void RefuseNull(ReadOnlySpan<byte> json)
    {
        for (var reader = new Utf8JsonReader(json); reader.Read();)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                throw new InvalidDataException($"The document has null at byte {reader.TokenStartIndex}; expected a value, or nothing at all.");
            }
        }
    }

    /// <summary>A document's text.</summary>
    /// <exception cref="InvalidDataException">Something in it is no text, such as half of a surrogate pair.</exception>
    public static string Write<T>(T document, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            try
            {
                JsonSerializer.Serialize(json, document, type);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
            {
                throw new InvalidDataException($"The document holds what is no text: {e.Message}", e);
            }
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>What every version of a document has.</summary>
sealed record DocumentHeader(string Format, int FormatVersion);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DocumentHeader))]
sealed partial class DocumentHeaderJson : JsonSerializerContext;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 32,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    Converters = [typeof(ComponentKindConverter)])]
[JsonSerializable(typeof(Component))]
[JsonSerializable(typeof(ShelfIndex))]
sealed partial class ShelfJson : JsonSerializerContext;
