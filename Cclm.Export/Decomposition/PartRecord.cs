using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Onnx;

namespace Cclm.Export;

/// <summary>What a composed model keeps of a part's file beside the part's nodes and weights, so that the file can be made of it again.</summary>
/// <param name="Sha256">SHA-256 of the part's file, in lower-case hexadecimal.</param>
/// <param name="Inputs">The edges of the composed graph that feed the part, by the names of its inputs.</param>
/// <param name="Added">Nodes and weights that the part has in the composed graph alone, by their edges: where it was raised to a newer operator set.</param>
/// <param name="Rest">The file without what stands in the composed graph (<see cref="PartRest"/>), as base64url.</param>
sealed record PartRecord(string Sha256, IReadOnlyDictionary<string, string> Inputs, IReadOnlyList<string> Added, string Rest)
{
    const string Prefix = "cclm.part.";

    /// <summary>Whether a pair of a model's metadata is the record of a head.</summary>
    public static bool IsOfHead(string key) => key.StartsWith($"{Prefix}heads.", StringComparison.Ordinal);

    /// <summary>The record of a part, as a pair of the composed model's metadata.</summary>
    /// <param name="path">What the names of everything in the part begin with in the composed graph: <c>towers.topic</c>.</param>
    /// <param name="file">The part's file.</param>
    /// <param name="inputs">The edges that feed it.</param>
    /// <param name="composed">The composed model.</param>
    public static KeyValuePair<string, string> Of(string path, ModelProto file, IEnumerable<(string Input, Edge Value)> inputs, ModelProto composed)
    {
        var fedBy = inputs.ToDictionary(input => input.Input, input => input.Value.Name);
        var given = PartRest.GivenBack(composed, path, fedBy);
        var added = PartRest.NamesOf(given).Except(PartRest.NamesOf(file.Graph)).ToList();
        var rest = PartRest.Take(file, composed, PartRest.Without(given, added));
        return new PartRecord(HashOf(file), fedBy, added, Base64Url.EncodeToString(rest.ToByteArray())).ToProperty(path);
    }

    /// <summary>Changes a model's records where one of its edges has another name now.</summary>
    public static void Rename(ModelProto composed, string edge, string now)
    {
        var paths = ModelProperties.Read(composed).Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal)).Select(key => key[Prefix.Length..]);
        ModelProperties.Write(composed, [.. paths.Select(path => (Path: path, Record: Read(composed, path))).Where(part => part.Record.Inputs.Values.Contains(edge))
            .Select(part => (part.Record with { Inputs = part.Record.Inputs.ToDictionary(input => input.Key, input => input.Value == edge ? now : input.Value) }).ToProperty(part.Path))]);
    }

    /// <summary>The record that a composed model has of a part.</summary>
    /// <exception cref="OnnxModelException">It has none, or it is damaged.</exception>
    public static PartRecord Read(ModelProto composed, string path)
    {
        if (!ModelProperties.Read(composed).TryGetValue($"{Prefix}{path}", out var json))
        {
            throw new OnnxModelException($"The model's metadata has no '{Prefix}{path}', which says what the part's file was like: the model was composed by an " +
                "earlier version, or edited. Compose it again from its parts, or cut out what is needed with Extractor.");
        }
        try
        {
            return JsonSerializer.Deserialize(json, PartRecordJson.Default.PartRecord) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Damaged(path, e);
        }
    }

    /// <summary>The part's file.</summary>
    /// <param name="composed">The composed model, which is not changed.</param>
    /// <param name="path">The part.</param>
    /// <returns>Null where the composed graph has not the nodes and weights that the part had.</returns>
    /// <exception cref="OnnxModelException">The record is damaged.</exception>
    public ModelProto? Restore(ModelProto composed, string path) => PartRest.Fill(Parse(path), composed, PartRest.Without(PartRest.GivenBack(composed, path, Inputs), Added));

    /// <summary>A part's file without its nodes and weights: inputs, outputs and most metadata are there. Null where the model has no record of the part that can be read.</summary>
    public static ModelProto? Outline(ModelProto composed, string path)
    {
        try
        {
            return Read(composed, path).Parse(path);
        }
        catch (OnnxModelException)
        {
            return null;
        }
    }

    /// <summary>Whether a model is the file that the record was made of.</summary>
    public bool IsOf(ModelProto file) => HashOf(file) == Sha256;

    ModelProto Parse(string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(Base64Url.DecodeFromChars(Rest));
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
        {
            throw Damaged(path, e);
        }
    }

    KeyValuePair<string, string> ToProperty(string path) => new($"{Prefix}{path}", JsonSerializer.Serialize(this, PartRecordJson.Default.PartRecord));

    static OnnxModelException Damaged(string path, Exception e) =>
        new($"The model's metadata '{Prefix}{path}' was damaged or edited: {e.Message} Compose the model again from its parts.", e);

    static string HashOf(ModelProto file)
    {
        using var sha = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            file.WriteTo(stream);
        }
        return Convert.ToHexStringLower(sha.Hash!);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PartRecord))]
sealed partial class PartRecordJson : JsonSerializerContext;
