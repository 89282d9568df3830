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

    /// <summary>Sets pairs, in place of those with the same key.</summary>
    public static void Write(ModelProto model, IEnumerable<KeyValuePair<string, string>> properties)
    {
        foreach (var (key, value) in properties)
        {
            foreach (var old in model.MetadataProps.Where(pair => pair.Key == key).ToArray())
            {
                model.MetadataProps.Remove(old);
            }
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }
}
