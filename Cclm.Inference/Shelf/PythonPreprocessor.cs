using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm.Inference;

/// <summary>Preprocessors that the original Python package published: an archive with <c>cclm_config.json</c> alone.</summary>
/// <remarks>
/// Carried over are the characters and the maximum length; no CLS is added, for there was none. The ids of characters are ours:
/// code-point order from 4, which is the original's order too. What differs is an unknown character, which had the id of masking or of
/// padding there and has its own here. The tokenizer for words was never in the file.
/// </remarks>
static class PythonPreprocessor
{
    /// <summary>What an imported item has for a version, there being none in the file.</summary>
    public const string Version = "imported";

    const string FileName = "cclm_config.json";

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName)) && !File.Exists(Path.Combine(folder, ComponentDocument.FileName));

    /// <summary>Makes an item of ours of an unpacked archive; its own file stays in it.</summary>
    /// <exception cref="InvalidDataException">The file is not what the package wrote.</exception>
    public static Component Import(string folder, string identifier)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (file.Length > StrictJson.MaxBytes)
        {
            throw new InvalidDataException($"'{FileName}' has {file.Length:N0} bytes; expected at most {StrictJson.MaxBytes:N0}.");
        }
        var preprocessor = Read(File.ReadAllBytes(file.FullName));
        preprocessor.Save(Path.Combine(folder, "preprocessor.json"));
        return ComponentFolder.Seal(folder, new()
        {
            Kind = ComponentKind.Preprocessor,
            Name = new string([.. identifier.Select(letter => letter is '.' or '-' ? '_' : letter)]),
            Version = Version,
            Licence = "Not stated in the archive.",
            Description = "Imported from an item of the original Python package; `cclm_config.json` is its own file.",
            Vocabulary = preprocessor.Vocabulary.Hash,
        });
    }

    /// <exception cref="InvalidDataException">It is not what the package wrote.</exception>
    public static Preprocessor Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var config = JsonSerializer.Deserialize(json, PythonConfigJson.Default.PythonConfig)!;
            return new(new Vocabulary([.. config.CharDict.Keys.Select(Character).Order()]), new() { MaxLength = config.MaxExampleLen, AddCls = false });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"'{FileName}' is not what the original Python package wrote: {e.Message}", e);
        }
    }

    static Rune Character(string key) => Rune.DecodeFromUtf16(key, out var rune, out var units) == System.Buffers.OperationStatus.Done && units == key.Length ? rune
        : throw new InvalidDataException($"'{FileName}' has the character '{key}'; expected one Unicode scalar value.");

    /// <param name="CharDict">Characters and their ids there.</param>
    /// <param name="MaxExampleLen">The longest text.</param>
    internal sealed record PythonConfig(Dictionary<string, int> CharDict, int MaxExampleLen);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PythonPreprocessor.PythonConfig))]
sealed partial class PythonConfigJson : JsonSerializerContext;
