using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm;

/// <summary>A preprocessor's JSON document (docs/model-format.md). It travels inside every model file, so it is read strictly.</summary>
/// <param name="Format">The kind of document.</param>
/// <param name="Version">The version of its layout.</param>
/// <param name="MaxLength">The most ids of a text.</param>
/// <param name="DownsampleFactor">Lengths are rounded up to a multiple of this.</param>
/// <param name="AddCls">Whether CLS ends each text.</param>
/// <param name="Characters">The characters in id order, the first with id <see cref="ReservedIds.FirstCharacter"/>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
sealed record PreprocessorDocument(string Format, int Version, int MaxLength, int DownsampleFactor, bool AddCls, string Characters)
{
    const string CurrentFormat = "cclm.preprocessor";
    const int CurrentVersion = 1;

    public static PreprocessorDocument Of(int maxLength, int downsampleFactor, bool addCls, string characters) =>
        new(CurrentFormat, CurrentVersion, maxLength, downsampleFactor, addCls, characters);

    public string ToJson() => JsonSerializer.Serialize(this, PreprocessorDocumentJson.Default.PreprocessorDocument);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is another document, of another version, damaged or edited.</exception>
    public static PreprocessorDocument Parse(string json)
    {
        try
        {
            // Format and version first: a later version may have fields that this one would call unknown.
            var header = JsonSerializer.Deserialize(json, PreprocessorDocumentJson.Default.PreprocessorHeader);
            if (header is null || header.Format != CurrentFormat)
            {
                throw new InvalidDataException($"The document's format is '{header?.Format}'; expected '{CurrentFormat}'. Was another file given?");
            }
            if (header.Version != CurrentVersion)
            {
                throw new InvalidDataException($"The preprocessor's version is {header.Version}; this library reads {CurrentVersion}. Update the library.");
            }
            var document = JsonSerializer.Deserialize(json, PreprocessorDocumentJson.Default.PreprocessorDocument)!;
            CheckOrder(document.Characters);
            return document;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Damaged(e);
        }
    }

    public static InvalidDataException Damaged(Exception reason) => new(
        $"The preprocessor's document was damaged or edited: {reason.Message} Save it again from the preprocessor that the model was trained with.", reason);

    static void CheckOrder(string characters)
    {
        Rune? last = null;
        foreach (var (i, character) in characters.EnumerateRunes().Index())
        {
            if (character <= last)
            {
                throw new InvalidDataException($"The characters are not in ascending order: " +
                    $"U+{character.Value:X4} at {i} follows U+{last.Value.Value:X4}. Ids are positions in this order, so the document " +
                    "cannot be trusted; save it again from the preprocessor that the model was trained with.");
            }
            last = character;
        }
    }
}

/// <summary>What every version of the document has.</summary>
sealed record PreprocessorHeader(string Format, int Version);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PreprocessorHeader))]
[JsonSerializable(typeof(PreprocessorDocument))]
sealed partial class PreprocessorDocumentJson : JsonSerializerContext;
