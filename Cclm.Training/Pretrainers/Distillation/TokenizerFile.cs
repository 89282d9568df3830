using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>
/// The token ids of texts by a Hugging Face <c>tokenizer.json</c> of one of two kinds: WordPiece as BERT has it, which most models for
/// sentences have, and the byte pair encoding of <see cref="SubwordTokenizer"/>. Any other kind is refused by name.
/// </summary>
/// <param name="hash">SHA-256 of the file.</param>
/// <param name="encode">A text's ids, at most so many.</param>
/// <param name="most">The most tokens of a text.</param>
sealed class TokenizerFile(string hash, Func<string, int, IEnumerable<int>> encode, int most)
{
    /// <summary>Which tokenizer it is.</summary>
    public string Description => hash[..16];

    /// <summary>A text's ids; one unknown token where the text has none.</summary>
    public long[] Encode(string text) => encode(text, most).Select(id => (long)id).DefaultIfEmpty(SubwordTokenizer.Unknown).ToArray();

    /// <exception cref="IOException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or a tokenizer of another kind.</exception>
    /// <exception cref="ArgumentException">There is no room for a token.</exception>
    public static TokenizerFile Load(string path, int most)
    {
        try
        {
            using var json = JsonDocument.Parse(TokenizerDocument.ReadFile(path));
            var (type, stated) = (Text(json.RootElement, "model", "type"), Property(json.RootElement, "truncation", "max_length"));
            most = stated is { ValueKind: JsonValueKind.Number } length ? Math.Min(most, length.GetInt32()) : most;
            if (most < 3)
            {
                throw new ArgumentException($"At most {most} tokens leave no room for a text between those that a model puts around it; expected 3 or more.", nameof(most));
            }
            return new(FileHash.Of(path), Encoding(type, json.RootElement, path), most);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is no tokenizer: {e.Message} Copy it again from where it came from.", e);
        }
    }

    static Func<string, int, IEnumerable<int>> Encoding(string? type, JsonElement json, string path)
    {
        switch (type)
        {
            case "WordPiece":
                return WordPieces.Of(json, path).Encode;
            case "BPE":
                var tokenizer = SubwordTokenizer.Load(path);
                return (text, most) => tokenizer.Encode(text).Take(most).Select(token => token.Id);
            default:
                throw new InvalidDataException($"'{path}' is a tokenizer of type '{type ?? "(none)"}'; expected 'WordPiece' as BERT has it, or 'BPE' as this library writes it. " +
                    "Make the vectors with the model's own program, and give them as a file.");
        }
    }

    /// <summary>What lies at a path of properties; null where there is nothing.</summary>
    internal static JsonElement? Property(JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json))
            {
                return null;
            }
        }
        return json;
    }

    /// <summary>The text at a path; null where there is none.</summary>
    internal static string? Text(JsonElement json, params ReadOnlySpan<string> path) => Property(json, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
