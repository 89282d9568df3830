using System.Globalization;
using System.Text.Json;

namespace Cclm.Training.Data;

/// <summary>The columns of a JSON object: properties, or paths of them.</summary>
static class JsonFields
{
    /// <exception cref="InvalidDataException">The object has no such property, or it holds no text.</exception>
    public static void Read(JsonElement row, IReadOnlyList<Column> columns, Span<Field> fields, RecordReader reader)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{reader.Place} is {Kind(row)}; expected a JSON object, such as {{\"text\":\"..\"}}.");
        }
        for (var i = 0; i < columns.Count; i++)
        {
            fields[i] = Value(row, columns[i], reader);
        }
    }

    static Field Value(JsonElement row, Column column, RecordReader reader)
    {
        var path = column.Name ?? column.UsualName;
        if (row.TryGetProperty(path, out var value))
        {
            return value.ValueKind == JsonValueKind.Array ? List(value, []) : new(Scalar(value, column, reader));
        }
        return List(row, path.Split('.'));

        Field List(JsonElement from, string[] segments)
        {
            List<string> found = [];
            var several = Walk(from, segments, column, reader, found);
            return several ? new(null, found) : new(found.SingleOrDefault());
        }
    }

    /// <summary>Adds what lies at the end of a path; true where it goes through a list, so that there may be several.</summary>
    static bool Walk(JsonElement from, ReadOnlySpan<string> path, Column column, RecordReader reader, List<string> found)
    {
        switch (from.ValueKind)
        {
            case JsonValueKind.Null:
                return false;
            case JsonValueKind.Array when path.Length > 0 && int.TryParse(path[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at):
                return at < from.GetArrayLength() && Walk(from[at], path[1..], column, reader, found);
            case JsonValueKind.Array:
                foreach (var element in from.EnumerateArray())
                {
                    Walk(element, path, column, reader, found);
                }
                return true;
            case JsonValueKind.Object when path.Length > 0:
                return from.TryGetProperty(path[0], out var next) ? Walk(next, path[1..], column, reader, found)
                    : throw TableColumns.Missing(reader.Place, column, TableColumns.Describe(from.EnumerateObject().Select(property => property.Name)));
            default:
                found.Add(path.Length == 0 ? Scalar(from, column, reader)! : throw NoText(from, column, reader));
                return false;
        }
    }

    static string? Scalar(JsonElement value, Column column, RecordReader reader) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Null => null,
        _ => throw NoText(value, column, reader),
    };

    static InvalidDataException NoText(JsonElement value, Column column, RecordReader reader) => new(
        $"{reader.Place}, '{column.Name ?? column.UsualName}' leads to {Kind(value)}; expected text, a number, true or false" +
        (value.ValueKind == JsonValueKind.Object ? $". It has {TableColumns.Describe(value.EnumerateObject().Select(property => property.Name))}; write a path such as a.b." : "."));

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
