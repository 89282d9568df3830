using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Cclm.Training.Recipes;

/// <summary>A JSON text that a person wrote. What is wrong in it is told with file, line, column and path.</summary>
sealed class JsonText
{
    /// <summary>Recipes are written by hand; what is read into memory is bounded by this.</summary>
    public const int MaxBytes = 1 << 20;

    readonly string name;
    readonly byte[] bytes;
    readonly bool hasLines = true;

    /// <summary>JSON that is no file, such as an option's: lines and columns say nothing to who wrote it.</summary>
    /// <param name="name">What messages call it, such as "The options of a tower".</param>
    /// <param name="json">The value.</param>
    public JsonText(string name, JsonElement json) : this(name, JsonSerializer.SerializeToUtf8Bytes(json)) => hasLines = false;

    /// <summary>A file's text.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="utf8">The text; comments and trailing commas are allowed.</param>
    /// <exception cref="InvalidDataException">It is no JSON.</exception>
    public JsonText(string name, byte[] utf8)
    {
        (this.name, bytes) = (name, utf8.AsSpan().StartsWith("\uFEFF"u8) ? utf8[3..] : utf8);
        if (bytes.Length > MaxBytes)
        {
            throw new InvalidDataException($"'{name}' has {bytes.Length:N0} bytes; expected at most {MaxBytes:N0}. Was another file given?");
        }
        if (!Utf8.IsValid(bytes))
        {
            throw new InvalidDataException($"'{name}' is not UTF-8. Save it as UTF-8.");
        }
        Root = Parse();
    }

    /// <summary>The whole.</summary>
    public JsonPlace Root { get; }

    /// <summary>The bytes of a value.</summary>
    public ReadOnlySpan<byte> Of(JsonPlace place) => bytes.AsSpan(place.Start..place.End);

    /// <summary>The text's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Says what is wrong with a value.</summary>
    /// <param name="message">What follows the path: what was found, what was expected.</param>
    /// <param name="path">Names of properties and numbers in lists. Where the last are missing, the place is that of what is there.</param>
    public InvalidDataException Fault(string message, params ReadOnlySpan<object> path)
    {
        var place = Root;
        foreach (var step in path)
        {
            place = place[step] is { } found ? found : place;
        }
        return Fault(place.Start, message, path);
    }

    /// <summary>Says what is wrong at a byte.</summary>
    /// <param name="at">The byte; it is told as line and column.</param>
    /// <param name="message">What follows the path: what was found, what was expected.</param>
    /// <param name="path">Names of properties and numbers in lists.</param>
    public InvalidDataException Fault(int at, string message, params ReadOnlySpan<object> path) =>
        new($"{Place(at)}: {(path.Length > 0 ? PathOf(path) : "the whole")} {message}");

    /// <summary><c>towers[1].training.steps</c></summary>
    static string PathOf(ReadOnlySpan<object> path)
    {
        var text = new StringBuilder();
        foreach (var step in path)
        {
            text.Append(step is int number ? $"[{number}]" : text.Length > 0 ? $".{step}" : $"{step}");
        }
        return text.ToString();
    }

    string Place(int at)
    {
        if (!hasLines)
        {
            return name;
        }
        var before = bytes.AsSpan(0, Math.Min(at, bytes.Length));
        var line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return $"'{name}', line {before.Count((byte)'\n') + 1}, column {Encoding.UTF8.GetCharCount(line) + 1}";
    }

    JsonPlace Parse()
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            reader.Read();
            var root = Value(ref reader);
            reader.Read();          // what follows must be nothing
            return root;
        }
        catch (JsonException e)
        {
            var line = LineStart(e.LineNumber ?? 0);
            var reason = e.Message.Split(" LineNumber:")[0];
            throw new InvalidDataException($"{Place(line + (int)(e.BytePositionInLine ?? 0))}: this is no JSON: {reason}", e);
        }
    }

    JsonPlace Value(ref Utf8JsonReader reader)
    {
        var (kind, start) = (reader.TokenType, (int)reader.TokenStartIndex);
        List<(string, int, JsonPlace)> properties = [];
        List<JsonPlace> items = [];
        if (kind == JsonTokenType.StartObject)
        {
            HashSet<string> seen = [];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var (property, at) = (Text(ref reader), (int)reader.TokenStartIndex);
                if (!seen.Add(property))
                {
                    throw new InvalidDataException($"{Place(at)}: '{property}' is there twice in one object; expected once.");
                }
                reader.Read();
                properties.Add((property, at, Value(ref reader)));
            }
        }
        else if (kind == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(Value(ref reader));
            }
        }
        else if (kind == JsonTokenType.String)
        {
            Text(ref reader);
        }
        return new(kind, start, (int)reader.BytesConsumed, properties, items);
    }

    string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidDataException($"{Place((int)reader.TokenStartIndex)}: this text escapes one half of a character (a lone surrogate). Write the character as it is.");
        }
    }

    int LineStart(long line)
    {
        var start = 0;
        for (; line > 0 && bytes.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var end; line--)
        {
            start += end + 1;
        }
        return start;
    }
}
