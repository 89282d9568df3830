using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm.Training.Data;

/// <summary>A <c>tokenizer.json</c> of Hugging Face's tokenizers library, of the one kind that <see cref="SubwordTokenizer"/> is. Read strictly.</summary>
sealed record TokenizerDocument(
    string Version, object? Truncation, object? Padding, IReadOnlyList<AddedToken> AddedTokens, TokenizerStep Normalizer, TokenizerStep PreTokenizer,
    object? PostProcessor, object? Decoder, BpeDocument Model)
{
    const string CurrentVersion = "1.0";
    const int MaxBytes = 64 << 20;      // more than any vocabulary needs; what is read into memory is bounded by it

    const int MostShown = 200;

    static readonly TokenizerStep Normalization = new("Sequence", [new("NFD"), new("Lowercase"), new("StripAccents")]);
    static readonly TokenizerStep Division = new("WhitespaceSplit");

    // Tokens stay readable: the file goes into no web page.
    static readonly JsonWriterOptions Writing = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TokenizerDocument Of(SubwordTokenizer tokenizer) => new(
        CurrentVersion, null, null, [.. SubwordTokenizer.Reserved.Select((token, id) => new AddedToken(id, token))], Normalization, Division, null, null,
        BpeDocument.Of(tokenizer.Vocabulary, tokenizer.Merges));

    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            JsonSerializer.Serialize(json, this, TokenizerJson.Default.TokenizerDocument);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <exception cref="InvalidDataException">It is larger than any tokenizer.</exception>
    public static byte[] ReadFile(string path)
    {
        var length = new FileInfo(path).Length;
        return length <= MaxBytes ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"it has {length:N0} bytes; expected at most {MaxBytes:N0}. Was another file given?");
    }

    /// <exception cref="InvalidDataException">It is no such document.</exception>
    public static TokenizerDocument Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, TokenizerJson.Default.TokenizerDocument) ?? throw new JsonException("it is null.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"it is damaged, or has what this library does not know: {e.Message} Save it again, or copy it again from where it came from.", e);
        }
    }

    /// <exception cref="InvalidDataException">It is a tokenizer of another kind, or contradicts itself.</exception>
    public SubwordTokenizer ToTokenizer()
    {
        Expect(Version == CurrentVersion, "version", Version, CurrentVersion);
        Expect(Truncation is null, "truncation", Truncation, "null");
        Expect(Padding is null, "padding", Padding, "null");
        Expect(Normalization.Equals(Normalizer), "normalizer", Normalizer, Normalization);
        Expect(Division.Equals(PreTokenizer), "pre_tokenizer", PreTokenizer, Division);
        Expect(PostProcessor is null, "post_processor", PostProcessor, "null");
        Expect(Decoder is null, "decoder", Decoder, "null");
        Expect(AddedTokens.Count == SubwordTokenizer.Reserved.Count, "number of added_tokens", AddedTokens.Count, SubwordTokenizer.Reserved.Count);
        foreach (var (id, token) in AddedTokens.Index())
        {
            var expected = new AddedToken(id, SubwordTokenizer.Reserved[id]);
            Expect(expected == token, $"added_tokens[{id}]", token, expected);
        }
        return Model.ToTokenizer();
    }

    internal static void Expect(bool holds, string what, object? found, object? expected)
    {
        if (!holds)
        {
            var shown = FormattableString.Invariant($"{found ?? "null"}");
            throw new InvalidDataException($"its {what} is {(shown.Length > MostShown ? $"{shown.AsSpan(0, MostShown)}.." : shown)}; expected {expected}. Fit a tokenizer with this library.");
        }
    }
}

/// <summary>A token that is in no text.</summary>
sealed record AddedToken(int Id, string Content, bool SingleWord = false, bool Lstrip = false, bool Rstrip = false, bool Normalized = false, bool Special = true);

/// <summary>What is done to a text before it is encoded: one thing, or several in order.</summary>
sealed record TokenizerStep(string Type, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TokenizerStep>? Normalizers = null)
{
    public bool Equals(TokenizerStep? other) => other?.Type == Type && (Normalizers ?? []).SequenceEqual(other.Normalizers ?? []);

    public override int GetHashCode() => Type.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Normalizers is null ? Type : $"{Type} of {string.Join(", ", Normalizers)}";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false, MaxDepth = 16,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TokenizerDocument))]
sealed partial class TokenizerJson : JsonSerializerContext;
