using System.Text.Json;
using System.Text.Json.Serialization;
using Cclm.Training.Recipes;

namespace Cclm.Training;

/// <summary>What a saved embedder or tower is made of: enough to make it again before its weights are read.</summary>
/// <param name="Type">The name that the part's class is registered under.</param>
/// <param name="Options">What it was made with.</param>
/// <param name="Name">A tower's name in a composed model.</param>
/// <param name="Embedder">A composed model's embedder.</param>
/// <param name="Towers">A composed model's towers.</param>
public sealed record PartDescription(
    string Type, JsonElement? Options = null, string? Name = null, PartDescription? Embedder = null, IReadOnlyList<PartDescription>? Towers = null);

/// <summary>Every class of part that files can name. An application adds its own towers here, and all commands know them.</summary>
public sealed class PartTypes
{
    const string Convolution = "convolution", Composed = "composed";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    static readonly JsonElement NoOptions = JsonDocument.Parse("{}").RootElement;

    readonly Dictionary<string, Func<Embedder, JsonElement?, Tower>> make = [];
    readonly Dictionary<string, Type> optionTypes = [];
    readonly Dictionary<Type, string> names = [];

    /// <summary>The towers that come with CCLM.</summary>
    public PartTypes()
    {
        AddTower<TransformerTower, TransformerOptions>("transformer", (embedder, options) => new(embedder, options));
        AddTower<StridedTower, StridedOptions>("strided", (embedder, options) => new(embedder, options));
        AddTower<FeedForwardTower, FeedForwardOptions>("feed_forward", (embedder, options) => new(embedder, options));
    }

    /// <summary>The names of the towers that can be made.</summary>
    public IEnumerable<string> Towers => make.Keys;

    /// <summary>Makes a class of tower known.</summary>
    /// <param name="name">Its name in files and on the command line.</param>
    /// <param name="create">Makes one on an embedder; the options are also the tower's <see cref="Tower.Options"/>.</param>
    public PartTypes AddTower<TTower, TOptions>(string name, Func<Embedder, TOptions, TTower> create)
        where TTower : Tower where TOptions : class
    {
        make.Add(name, (embedder, options) => create(embedder, Read<TOptions>(options ?? NoOptions, NameOf(name))));
        optionTypes.Add(name, typeof(TOptions));
        names.Add(typeof(TTower), name);
        return this;
    }

    /// <summary>The class of the options of a type of tower, for a schema of them.</summary>
    public Type OptionsOf(string type) => optionTypes[type];

    /// <summary>Makes a tower from its name and options.</summary>
    /// <exception cref="ArgumentException">No such tower is known, or the options are not its own.</exception>
    public Tower MakeTower(string type, Embedder embedder, JsonElement? options = null) => Known(make, type)(embedder, options);

    /// <summary>Looks whether options are those of a type of tower, before there is an embedder to make one on.</summary>
    /// <inheritdoc cref="MakeTower" path="/exception"/>
    public void CheckTower(string type, JsonElement? options) => Read(options ?? NoOptions, Known(optionTypes, type), NameOf(type));

    /// <summary>Makes an embedder, or a composed model that is one, whose weights and buffers are then read.</summary>
    /// <inheritdoc cref="MakeTower"/>
    public Embedder MakeEmbedder(PartDescription description)
    {
        switch (description)
        {
            case { Type: Convolution, Options: { } options }:
                return ConvEmbedder.ToBeRead(Read<EmbedderOptions>(options, "options of an embedder"));
            case { Type: Composed, Embedder: { } inner, Towers: { } towers }:
                var embedder = MakeEmbedder(inner);
                return new ComposedModel(embedder, [.. towers.Select(tower => (tower.Name ?? "", MakeTower(tower.Type, embedder, tower.Options)))]);
            default:
                throw new ArgumentException($"No embedder of type '{description.Type}' can be made of what is there; expected '{Convolution}' with options, or '{Composed}' with an embedder and towers.", nameof(description));
        }
    }

    /// <summary>Describes an embedder so that <see cref="MakeEmbedder"/> makes one like it.</summary>
    public PartDescription Describe(Embedder embedder) => embedder switch
    {
        ConvEmbedder convolution => new(Convolution, Write(convolution.Options)),
        ComposedModel composed => new(Composed, Embedder: Describe(composed.Base), Towers: [.. composed.Towers.Select(tower => Describe(tower.Tower) with { Name = tower.Name })]),
        _ => throw new ArgumentException($"An embedder of class {embedder.GetType().Name} can not be saved; expected {nameof(ConvEmbedder)} or {nameof(ComposedModel)}.", nameof(embedder)),
    };

    /// <summary>Describes a tower so that <see cref="MakeTower"/> makes one like it.</summary>
    /// <exception cref="ArgumentException">Its class is not registered.</exception>
    public PartDescription Describe(Tower tower) => names.TryGetValue(tower.GetType(), out var name)
        ? new(name, Write(tower.Options))
        : throw new ArgumentException($"{tower.GetType().Name} is not registered, so a file could not say how to make it again. Call AddTower<{tower.GetType().Name}, ..>.", nameof(tower));

    /// <summary>Checks a tower's name, which becomes part of file names and of its weights' keys.</summary>
    /// <exception cref="ArgumentException">It is empty, or not made of lower-case letters, digits and underscores.</exception>
    public static string CheckName(string name) => ModelNames.IsTower(name) ? name
        : throw new ArgumentException($"'{name}' is no name for a tower; expected lower-case letters, digits and underscores.", nameof(name));

    /// <summary>Options with everything that was left out, so that two that mean the same are the same.</summary>
    /// <inheritdoc cref="Read(JsonElement, Type, string)"/>
    public static JsonElement WithDefaults(JsonElement? options, Type type, string what) => Write(Read(options ?? NoOptions, type, what));

    /// <summary>Options or a description as JSON.</summary>
    public static JsonElement Write(object options) => JsonSerializer.SerializeToElement(options, options.GetType(), Json);

    /// <summary>Options that may be left out.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public static T ReadOrDefault<T>(JsonElement? json, string what) where T : new() => json is { } options ? Read<T>(options, what) : new();

    /// <summary>Reads what <see cref="Write"/> wrote, or what a user typed.</summary>
    /// <exception cref="ArgumentException">It is not what is expected there.</exception>
    public static T Read<T>(JsonElement json, string what) => (T)Read(json, typeof(T), what);

    /// <inheritdoc cref="Read{T}"/>
    internal static object Read(JsonElement json, Type type, string what)
    {
        try
        {
            return json.Deserialize(type, Json) ?? throw new JsonException("found null");
        }
        catch (JsonException e)
        {
            throw new ArgumentException(JsonShape.Misfit(json, type, what) ?? $"The {what} can not be read: {e.Message}", e);
        }
    }

    static string NameOf(string type) => $"options of a tower '{type}'";

    static T Known<T>(Dictionary<string, T> types, string type) => types.TryGetValue(type, out var known) ? known : throw new ArgumentException(
        $"No tower of type '{type}' is known; there are {string.Join(", ", types.Keys.Select(name => $"'{name}'"))}. Add your own with AddTower where the application starts.", nameof(type));
}
