using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Cclm;

/// <summary>Names of the graph inputs and outputs of a CCLM model file (docs/model-format.md). B batch, T characters, C channels.</summary>
static class ModelNames
{
    public const string Text = "text";              // [B] string, in a text-in model
    public const string Ids = "ids";                // [B,T] int64, 0 is padding
    public const string Embedded = "embedded";      // [B,T,C] float, what a tower reads: the hidden of its embedder
    public const string Hidden = "hidden";          // [B,T,C] float, what an embedder or a tower says
    public const string Mask = "mask";              // [B,T] bool, true at every id that is not padding
    public const string Embedding = "embedding";    // [B,D] float, the pooled vector

    public const string LogitsOfHead = "logits";    // a head's output in its own file

    /// <summary>A head's output in a composed model: [B,K] float, or [B,T,K] where it tags characters.</summary>
    public static string Logits(string head) => $"logits_{head}";

    /// <summary>Whether a tower can have the name, which becomes part of file names and of its weights' keys.</summary>
    public static bool IsTower(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_');
}

/// <summary>What a CCLM model file says of itself in <c>metadata_props</c> (docs/model-format.md).</summary>
/// <remarks>The one contract between what writes a model and what reads it: this file is compiled into each of them.</remarks>
sealed record ModelMetadata
{
    const string CurrentFormat = "1";

    /// <summary>The key of <see cref="Precision"/>, which models that are no CCLM models have too once they were converted.</summary>
    public const string PrecisionKey = "cclm.precision";

    /// <summary><c>embedder</c>, <c>tower</c>, <c>head</c> or <c>composed</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>SHA-256 of the part's weights in hexadecimal; of a composed model, of its embedder and towers: a head that is added changes no vector.</summary>
    public required string Weights { get; init; }

    /// <summary>SHA-256 of the vocabulary that the part was trained with.</summary>
    public required string Vocabulary { get; init; }

    /// <summary>The preprocessor as its own JSON document; towers and heads have none.</summary>
    public string? Preprocessor { get; init; }

    /// <summary>The embedder of a tower, or of the towers that a head stands on, by its <see cref="Weights"/>.</summary>
    public string? Embedder { get; init; }

    /// <summary>What a head answers.</summary>
    public ModelHead? Head { get; init; }

    /// <summary>How positions became one vector, in words, such as <c>mean_max</c>; null where the model has no pooled output.</summary>
    public string? Pooling { get; init; }

    /// <summary>What the file's numbers were converted to: <c>int8</c>, <c>float16</c> or <c>int8-weights</c>; null for float32. Hashes name the weights as they were before.</summary>
    public string? Precision { get; init; }

    /// <summary>The parts of a composed model: its embedder, then its towers in the order of their slices, then its heads.</summary>
    public IReadOnlyList<ModelPart> Parts { get; init; } = [];

    /// <summary>The key-value pairs to store, in a fixed order.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToProperties()
    {
        yield return new("cclm.format", CurrentFormat);
        yield return new("cclm.kind", Kind);
        yield return new("cclm.weights", Weights);
        yield return new("cclm.vocabulary", Vocabulary);
        foreach (var (key, value) in ((string, string?)[])[("cclm.preprocessor", Preprocessor), ("cclm.embedder", Embedder), ("cclm.pooling", Pooling), (PrecisionKey, Precision)])
        {
            if (value is not null)
            {
                yield return new(key, value);
            }
        }
        if (Head is not null)
        {
            yield return new("cclm.head", JsonSerializer.Serialize(Head, ModelMetadataJson.Default.ModelHead));
        }
        if (Parts.Count > 0)
        {
            yield return new("cclm.parts", JsonSerializer.Serialize(Parts, ModelMetadataJson.Default.IReadOnlyListModelPart));
        }
    }

    /// <summary>Reads what <see cref="ToProperties"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A pair is missing, of another format, or not readable.</exception>
    public static ModelMetadata Parse(IReadOnlyDictionary<string, string> properties)
    {
        if (!properties.TryGetValue("cclm.format", out var format))
        {
            throw new InvalidDataException("The model has no 'cclm.format' in its metadata, so it is not a CCLM model. Export it with 'cclm export' or 'cclm compose'.");
        }
        if (format != CurrentFormat)
        {
            throw new InvalidDataException($"The model's format is '{format}'; this version reads '{CurrentFormat}'. Export the model again, or update the library.");
        }
        return new()
        {
            Kind = Required("cclm.kind"),
            Weights = Required("cclm.weights"),
            Vocabulary = Required("cclm.vocabulary"),
            Preprocessor = properties.GetValueOrDefault("cclm.preprocessor"),
            Embedder = properties.GetValueOrDefault("cclm.embedder"),
            Pooling = properties.GetValueOrDefault("cclm.pooling"),
            Precision = properties.GetValueOrDefault(PrecisionKey),
            Head = Json("cclm.head", ModelMetadataJson.Default.ModelHead),
            Parts = Json("cclm.parts", ModelMetadataJson.Default.IReadOnlyListModelPart) ?? [],
        };

        T? Json<T>(string key, JsonTypeInfo<T> type) => properties.TryGetValue(key, out var json) ? ParseJson(key, json, type) : default;

        string Required(string key) => properties.TryGetValue(key, out var value) ? value
            : throw new InvalidDataException($"The model's metadata has no '{key}': it was cut or edited. Export the model again.");
    }

    static T? ParseJson<T>(string key, string json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The model's metadata '{key}' is not the JSON that was expected: {e.Message}", e);
        }
    }
}

/// <summary>One part of a composed model, and where what it says lies in the outputs.</summary>
/// <param name="Name"><c>embedder</c>, or the tower's or head's name.</param>
/// <param name="Kind"><c>embedder</c>, <c>tower</c>, <c>head</c>, or <c>composed</c> for an embedder that is a composed model itself.</param>
/// <param name="Weights">SHA-256 of the part's weights in hexadecimal.</param>
/// <param name="Hidden">The tower's slice of the last dimension of <c>hidden</c>.</param>
/// <param name="Embedding">The tower's slice of <c>embedding</c>, where the model pools.</param>
/// <param name="Head">What a head answers, in the output that <see cref="ModelNames.Logits"/> names.</param>
sealed record ModelPart(string Name, string Kind, string Weights, ModelSlice? Hidden = null, ModelSlice? Embedding = null, ModelHead? Head = null)
{
    /// <summary>What the names of everything in the part begin with in the composed graph, before a point; only towers have slices.</summary>
    [JsonIgnore]
    public string Path => Head is not null ? $"heads.{Name}" : Hidden is null ? "embedder" : $"towers.{Name}";
}

/// <summary>What a head answers, and what it reads.</summary>
/// <param name="Task"><c>categorical</c> (softmax over the labels), <c>multi_label</c> (sigmoid of each) or <c>tagging</c> (tags of characters).</param>
/// <param name="Labels">The labels or tags, in the order of the logits.</param>
/// <param name="Towers">The towers whose channels it reads side by side, with the weights that they had when it was trained.</param>
/// <param name="Scheme">The scheme of tags: <c>bio</c>, <c>bioes</c> or <c>iob1</c>.</param>
sealed record ModelHead(string Task, IReadOnlyList<string> Labels, IReadOnlyList<ModelTower> Towers, string? Scheme = null);

/// <summary>A tower that a head reads.</summary>
/// <param name="Name">Its name in the composed model.</param>
/// <param name="Weights">SHA-256 of its weights in hexadecimal.</param>
sealed record ModelTower(string Name, string Weights);

/// <summary>Part of a last dimension.</summary>
sealed record ModelSlice(int Start, int Width);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<ModelPart>))]
[JsonSerializable(typeof(ModelHead))]
sealed partial class ModelMetadataJson : JsonSerializerContext;
