using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cclm.Training.App;

/// <summary>Vectors as JSON Lines: <c>{"row":0,"id":"..","text":"..","embedding":[..]}</c>. Numbers are the shortest that give the same float32 again.</summary>
static class JsonVectors
{
    public static void Write(Stream stream, IEnumerable<EmbeddedRow> rows, VectorTable table)
    {
        var line = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(line, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        foreach (var row in rows)
        {
            Write(json, row);
            json.Flush();
            line.Write("\n"u8);
            stream.Write(line.WrittenSpan);
            line.ResetWrittenCount();
            json.Reset();
        }
    }

    static void Write(Utf8JsonWriter json, EmbeddedRow row)
    {
        json.WriteStartObject();
        json.WriteNumber("row", row.Number);
        if (row.Id is { } id)
        {
            json.WriteString("id", id);
        }
        if (row.Text is { } text)
        {
            json.WriteString("text", text);
        }
        json.WriteStartArray("embedding");
        foreach (var number in row.Vector)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
