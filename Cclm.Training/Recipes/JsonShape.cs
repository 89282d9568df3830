using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cclm.Training.Recipes;

/// <summary>Holds a JSON text against the class that it is to become, so that what does not fit is told where it stands and in a reader's words.</summary>
sealed class JsonShape(JsonText text)
{
    const int MostShown = 60;

    /// <summary>What keeps a value from becoming an object of a class, in a reader's words; null where nothing does.</summary>
    /// <param name="json">The value.</param>
    /// <param name="type">The class.</param>
    /// <param name="what">What the value is, such as "options of a tower".</param>
    /// <param name="without">Properties of the class that are not asked for here.</param>
    public static string? Misfit(JsonElement json, Type type, string what, params ReadOnlySpan<string> without)
    {
        try
        {
            var text = new JsonText($"The {what}", json);
            new JsonShape(text).Check(text.Root, type, [], without);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    /// <summary>Checks a value and all that is in it.</summary>
    /// <param name="place">The value.</param>
    /// <param name="type">What it is to become.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="without">Properties of the class that are not asked for here.</param>
    /// <exception cref="InvalidDataException">It does not fit.</exception>
    public void Check(JsonPlace place, Type type, ImmutableArray<object> path, params ReadOnlySpan<string> without)
    {
        var info = RecipeJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(place, info, path, without);
                break;
            case JsonTypeInfoKind.Dictionary:
                Expect(place, JsonTokenType.StartObject, "an object, in { }", path);
                foreach (var (name, _, value) in place.Properties)
                {
                    Check(value, info.ElementType!, path.Add(name));
                }
                break;
            case JsonTypeInfoKind.Enumerable:
                Expect(place, JsonTokenType.StartArray, "a list, in [ ]", path);
                foreach (var (i, item) in place.Items.Index())
                {
                    Check(item, info.ElementType!, path.Add(i));
                }
                break;
            default:
                CheckLeaf(place, info, path);
                break;
        }
    }

    void CheckObject(JsonPlace place, JsonTypeInfo info, ImmutableArray<object> path, ReadOnlySpan<string> without)
    {
        Expect(place, JsonTokenType.StartObject, "an object, in { }", path);
        var known = new Dictionary<string, JsonPropertyInfo>();
        foreach (var property in info.Properties)
        {
            if (!without.Contains(property.Name))
            {
                known.Add(property.Name, property);
            }
        }
        foreach (var (name, start, value) in place.Properties)
        {
            if (!known.TryGetValue(name, out var property))
            {
                throw text.Fault(start, $"is not known{Suggestion.Among(name, known.Keys)}", [.. path, name]);
            }
            var nullable = property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsSetNullable;
            if (value.Kind != JsonTokenType.Null || !nullable)
            {
                Check(value, property.PropertyType, path.Add(name));
            }
        }
        if (known.Values.FirstOrDefault(property => property.IsRequired && place[property.Name] is null) is { } missing)
        {
            throw text.Fault(place.Start, "is missing; it has no default.", [.. path, missing.Name]);
        }
    }

    void CheckLeaf(JsonPlace place, JsonTypeInfo info, ImmutableArray<object> path)
    {
        if (info.Type == typeof(JsonElement))
        {
            Expect(place, JsonTokenType.StartObject, "an object, in { }", path);
            return;
        }
        try
        {
            var value = JsonSerializer.Deserialize(text.Of(place), info);
            if (value is not null and not double.PositiveInfinity and not double.NegativeInfinity)
            {
                return;
            }
        }
        catch (JsonException)
        {
            // told below, in a reader's words
        }
        throw text.Fault(place.Start, $"is {Shown(place)}; expected {Expected(info.Type)}.", [.. path]);
    }

    void Expect(JsonPlace place, JsonTokenType kind, string expected, ImmutableArray<object> path)
    {
        if (place.Kind != kind)
        {
            throw text.Fault(place.Start, $"is {Shown(place)}; expected {expected}.", [.. path]);
        }
    }

    string Shown(JsonPlace place) => place.Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ when place.End - place.Start > MostShown => $"{System.Text.Encoding.UTF8.GetString(text.Of(place)[..MostShown])}..",
        _ => System.Text.Encoding.UTF8.GetString(text.Of(place)),
    };

    static string Expected(Type type) =>
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(RecipeJson.Word))}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(char) ? "one character, in quotation marks"
        : type == typeof(string) ? "text, in quotation marks"
        : type == typeof(double) || type == typeof(float) ? "a number"
        : "a whole number";
}
