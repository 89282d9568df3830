using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm.Inference;

/// <summary>A preprocessor's JSON document (docs/model-format.md). It travels inside every model file, so it is read strictly.</summary>
static class PreprocessorJson
{
    const string Format = "cclm.preprocessor";
    const int Version = 1;

    public static string Write(Preprocessor preprocessor)
    {
        var options = preprocessor.Options;
        var document = new PreprocessorDocument(
            Format, Version, options.MaxLength, options.DownsampleFactor, options.AddCls, preprocessor.Vocabulary.Text);
        return JsonSerializer.Serialize(document, PreprocessorJsonContext.Default.PreprocessorDocument);
    }

    public static Preprocessor Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            // Format and version first: a later version may have fields that this one would call unknown.
            var header = JsonSerializer.Deserialize(json, PreprocessorJsonContext.Default.PreprocessorHeader);
            if (header is null || header.Format != Format)
            {
                throw new InvalidDataException($"The document's format is '{header?.Format}'; expected '{Format}'. Was another file given?");
            }
            if (header.Version != Version)
            {
                throw new InvalidDataException($"The preprocessor's version is {header.Version}; this library reads {Version}. Update the library.");
            }
            var document = JsonSerializer.Deserialize(json, PreprocessorJsonContext.Default.PreprocessorDocument)!;
            return new(new Vocabulary(ParseCharacters(document.Characters)), new()
            {
                MaxLength = document.MaxLength,
                DownsampleFactor = document.DownsampleFactor,
                AddCls = document.AddCls,
            });
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"The preprocessor's document was damaged or edited: {e.Message} " +
                "Save it again from the preprocessor that the model was trained with.", e);
        }
    }

    static Rune[] ParseCharacters(string text)
    {
        Rune[] characters = [.. text.EnumerateRunes()];
        for (var i = 1; i < characters.Length; i++)
        {
            if (characters[i] <= characters[i - 1])
            {
                throw new InvalidDataException($"The characters are not in ascending order: " +
                    $"U+{characters[i].Value:X4} at {i} follows U+{characters[i - 1].Value:X4}. Ids are positions in this order, so the document " +
                    "cannot be trusted; save it again from the preprocessor that the model was trained with.");
            }
        }
        return characters;
    }
}

/// <summary>What every version of the document has.</summary>
sealed record PreprocessorHeader(string Format, int Version);

/// <param name="Format">The kind of document.</param>
/// <param name="Version">The version of its layout.</param>
/// <param name="MaxLength"><see cref="PreprocessorOptions.MaxLength"/>.</param>
/// <param name="DownsampleFactor"><see cref="PreprocessorOptions.DownsampleFactor"/>.</param>
/// <param name="AddCls"><see cref="PreprocessorOptions.AddCls"/>.</param>
/// <param name="Characters">The characters in id order, the first with id <see cref="Vocabulary.FirstCharacter"/>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
sealed record PreprocessorDocument(string Format, int Version, int MaxLength, int DownsampleFactor, bool AddCls, string Characters);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PreprocessorHeader))]
[JsonSerializable(typeof(PreprocessorDocument))]
sealed partial class PreprocessorJsonContext : JsonSerializerContext;
