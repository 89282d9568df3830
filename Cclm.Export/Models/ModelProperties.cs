using Onnx;

namespace Cclm.Export;

/// <summary>A model's <c>metadata_props</c> as key-value pairs.</summary>
public static class ModelProperties
{
    /// <summary>All pairs; of a key that occurs twice, the last.</summary>
    public static IReadOnlyDictionary<string, string> Read(ModelProto model)
    {
        var properties = new Dictionary<string, string>();
        foreach (var pair in model.MetadataProps)
        {
            properties[pair.Key] = pair.Value;
        }
        return properties;
    }

    /// <summary>What a CCLM model says of itself.</summary>
    /// <exception cref="OnnxModelException">It says nothing, or its metadata are damaged.</exception>
    internal static ModelMetadata Metadata(ModelProto model)
    {
        try
        {
            return ModelMetadata.Parse(Read(model));
        }
        catch (InvalidDataException e)
        {
            throw new OnnxModelException(e.Message, e);
        }
    }

    /// <summary>Sets pairs, in place of those with the same key.</summary>
    public static void Write(ModelProto model, IEnumerable<KeyValuePair<string, string>> properties)
    {
        foreach (var (key, value) in properties)
        {
            var there = model.MetadataProps.Where(pair => pair.Key == key).ToArray();
            if (there.Length == 0)
            {
                model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
                continue;
            }
            there[0].Value = value;
            foreach (var another in there[1..])
            {
                model.MetadataProps.Remove(another);
            }
        }
    }
}
