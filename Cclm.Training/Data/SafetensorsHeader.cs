using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Cclm.Training.Data;

/// <summary>A tensor in the header.</summary>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="DataOffsets">Begin and end of its bytes, counted from the end of the header.</param>
sealed record SafetensorsEntry(string Dtype, long[] Shape, long[] DataOffsets)
{
    public long Begin => DataOffsets[0];
    public long End => DataOffsets[1];
    public long Length => End - Begin;
}

/// <summary>The JSON header of a safetensors file.</summary>
static class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";
    const int Alignment = 8;

    // Names stay readable: the header goes into no web page.
    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false };

    /// <summary>The header of tensors whose bytes follow in the same order, padded with spaces to whole units of 8 bytes.</summary>
    public static byte[] Write(IEnumerable<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            long begin = 0;
            foreach (var tensor in tensors)
            {
                var end = begin + tensor.Data.Length;
                json.WritePropertyName(tensor.Name);
                JsonSerializer.Serialize(json, new SafetensorsEntry(tensor.DType, tensor.Shape, [begin, end]), SafetensorsJson.Default.SafetensorsEntry);
                begin = end;
            }
            json.WriteEndObject();
        }
        var padding = -buffer.WrittenCount & (Alignment - 1);
        return [.. buffer.WrittenSpan, .. Enumerable.Repeat((byte)' ', padding)];
    }

    /// <summary>Reads a header and checks that its tensors cover the data exactly: no gap, no overlap, nothing left over.</summary>
    /// <param name="header">The header's bytes.</param>
    /// <param name="dataLength">How many bytes follow it.</param>
    /// <exception cref="InvalidDataException">A rule of the format is broken.</exception>
    /// <exception cref="JsonException">It is not the JSON that the format asks for.</exception>
    public static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(byte[] header, long dataLength)
    {
        if (header is not [(byte)'{', ..] || !Utf8.IsValid(header))
        {
            throw new InvalidDataException("Its header is not a JSON object in UTF-8.");
        }
        using var json = JsonDocument.Parse(header, Reading);
        var entries = new Dictionary<string, SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (property.NameEquals(MetadataKey))
            {
                metadata = Deserialize(property, SafetensorsJson.Default.DictionaryStringString);
            }
            else
            {
                var entry = Deserialize(property, SafetensorsJson.Default.SafetensorsEntry);
                Check(property.Name, entry, dataLength);
                entries.Add(property.Name, entry);
            }
        }
        CheckCover(entries, dataLength);
        return (entries, metadata);
    }

    static T Deserialize<T>(JsonProperty property, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return property.Value.Deserialize(type) ?? throw new JsonException("null where an object was expected.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{property.Name}' in its header is not as the format asks: {e.Message}", e);
        }
    }

    static void Check(string name, SafetensorsEntry entry, long dataLength)
    {
        if (entry.DataOffsets is not [>= 0 and var begin, var end] || end < begin || end > dataLength)
        {
            throw new InvalidDataException(
                $"Tensor '{name}' has data_offsets [{string.Join(", ", entry.DataOffsets)}]; expected a begin and an end within the {dataLength} bytes of data.");
        }
        if (SafeTensor.Problem(entry.Dtype, entry.Shape, entry.Length) is { } problem)
        {
            throw new InvalidDataException($"Tensor '{name}' {problem}");
        }
    }

    static void CheckCover(Dictionary<string, SafetensorsEntry> entries, long dataLength)
    {
        long covered = 0;
        foreach (var (name, entry) in entries.OrderBy(pair => pair.Value.Begin).ThenBy(pair => pair.Value.End))
        {
            if (entry.Begin != covered)
            {
                throw new InvalidDataException(
                    $"Tensor '{name}' begins at byte {entry.Begin} of the data; expected {covered}, where the one before it ends: tensors may neither overlap nor leave gaps.");
            }
            covered = entry.End;
        }
        if (covered != dataLength)
        {
            throw new InvalidDataException($"{dataLength} bytes of data follow its header; expected the {covered} that its tensors cover.");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(SafetensorsEntry))]
[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class SafetensorsJson : JsonSerializerContext;
