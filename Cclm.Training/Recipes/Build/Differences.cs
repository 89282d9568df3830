using System.Text.Json.Nodes;

namespace Cclm.Training.Recipes;

/// <summary>What differs between the inputs that a step was made from and those of now, in words.</summary>
static class Differences
{
    /// <summary>One phrase for each difference, such as <c>training.steps was 1000 and is 2000</c>.</summary>
    public static IEnumerable<string> Between(JsonNode? before, JsonNode? now, string path = "")
    {
        if (JsonNode.DeepEquals(before, now))
        {
            return [];
        }
        return (before, now) switch
        {
            (JsonObject a, JsonObject b) when a["sha256"] is not null && a["sha256"]?.ToString() != b["sha256"]?.ToString() => [$"{b["name"]} has other content"],
            (JsonObject a, JsonObject b) => a.Select(property => property.Key).Union(b.Select(property => property.Key))
                .SelectMany(key => Between(a[key], b[key], path.Length > 0 ? $"{path}.{key}" : key)),
            (JsonArray a, JsonArray b) when a.Count == b.Count => a.Zip(b).SelectMany((pair, i) => Between(pair.First, pair.Second, $"{path}[{i}]")),
            (JsonArray a, JsonArray b) => [$"{path} had {a.Count:N0} entries and has {b.Count:N0}"],
            _ => [$"{path} was {Word(before)} and is {Word(now)}"],
        };
    }

    static string Word(JsonNode? value) => value switch
    {
        null => "not set",
        JsonValue leaf => leaf.ToJsonString(RecipeJson.Options),
        _ => "something else",
    };
}
