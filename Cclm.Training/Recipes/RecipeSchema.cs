using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.Recipes;

/// <summary>The JSON Schema of recipes, made from the classes that they are read into; an editor completes and checks recipes by it.</summary>
/// <remarks>
/// Draft 7, which editors know best. Descriptions are the classes' own documentation, from the XML files beside the assemblies.
/// What a task's or a tower's options are is said by alternatives, one for each that the application knows.
/// </remarks>
public sealed class RecipeSchema
{
    readonly PartTypes parts;
    readonly TaskTypes tasks;
    readonly Dictionary<string, string> documentation;

    /// <param name="parts">The towers that a recipe can name.</param>
    /// <param name="tasks">The tasks that a recipe can name.</param>
    /// <exception cref="FileNotFoundException">The documentation is not beside the application.</exception>
    public RecipeSchema(PartTypes parts, TaskTypes tasks)
    {
        (this.parts, this.tasks) = (parts, tasks);
        var own = new[] { typeof(Recipe), typeof(Preprocessor), typeof(Export.Pooling) }.Select(type => type.Assembly);
        documentation = own.Concat(tasks.All.Select(task => task.Options.Assembly)).Concat(parts.Towers.Select(tower => parts.OptionsOf(tower).Assembly)).Distinct()
            .SelectMany(assembly => Documentation(assembly.GetName().Name!, isOwn: own.Contains(assembly))).ToLookup(member => member.Id, member => member.Summary)
            .ToDictionary(member => member.Key, member => member.First());
    }

    /// <summary>The schema's text.</summary>
    public string Write()
    {
        var schema = SchemaOf(typeof(Recipe));
        var tower = Task(schema, "towers", [.. tasks.All]);
        tower["properties"]!["type"]!["enum"] = Names(parts.Towers);
        tower["allOf"]!.AsArray().Add(Alternatives("type", "options", parts.Towers.Select(type => (type, $"The options of a {type} tower.", parts.OptionsOf(type)))));
        Task(schema, "heads", [.. tasks.OfHeads]);
        var embedder = SchemaOf(typeof(EmbedderOptions));
        ((JsonObject)embedder["properties"]!).Remove("vocabulary");         // the preprocessor's to say
        embedder.Remove("required");
        embedder["type"] = new JsonArray("object", "null");
        ((JsonObject)embedder["properties"]!["maxLength"]!).Remove("default");
        schema["properties"]!["embedder"]!["properties"]!["options"] = embedder;
        var whole = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = "A recipe of cclm build", ["allowComments"] = true, ["allowTrailingCommas"] = true };
        foreach (var (key, value) in schema)
        {
            whole[key] = value?.DeepClone();
        }
        return $"{whole.ToJsonString(RecipeJson.Options)}\n";
    }

    /// <summary>What is known of the tasks, in a list of what is trained on them.</summary>
    JsonObject Task(JsonObject schema, string list, IReadOnlyList<PretrainingTask> known)
    {
        var item = (JsonObject)schema["properties"]![list]!["items"]!;
        item["properties"]!["task"]!["enum"] = Names(known.Select(task => task.Name));
        item["properties"]!["name"]!["pattern"] = "^[a-z0-9_]+$";
        item["allOf"] = new JsonArray(Alternatives("task", "taskOptions", known.Select(task => (task.Name, task.Description, task.Options))));
        return item;
    }

    /// <summary>One alternative for each name: the name, and what the options are then.</summary>
    JsonObject Alternatives(string name, string optionsName, IEnumerable<(string Name, string Description, Type Options)> known) => new()
    {
        ["anyOf"] = new JsonArray([.. known.Select(alternative =>
        {
            var options = SchemaOf(alternative.Options);
            options["type"] = new JsonArray("object", "null");
            return (JsonNode)new JsonObject
            {
                ["description"] = alternative.Description,
                ["properties"] = new JsonObject { [name] = new JsonObject { ["enum"] = Names([alternative.Name]) }, [optionsName] = options },
            };
        })]),
    };

    static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode)name)]);

    JsonObject SchemaOf(Type type) => (JsonObject)RecipeJson.Options.GetJsonSchemaAsNode(type, new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    });

    /// <summary>Adds what the class's documentation says, and the default that a new instance has.</summary>
    JsonObject Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var described = schema as JsonObject ?? new JsonObject { ["type"] = new JsonArray("object", "null") };      // options whose class the name beside them says
        var property = context.PropertyInfo;
        var owner = property?.DeclaringType;
        var member = property?.AttributeProvider as System.Reflection.MemberInfo;
        var id = member is null ? $"T:{context.TypeInfo.Type.FullName}" : $"P:{owner!.FullName}.{member.Name}";
        if (documentation.TryGetValue(id, out var summary))
        {
            described.Insert(0, "description", summary);
        }
        if (property is { IsRequired: false, Get: { } get } && owner!.GetConstructor([]) is not null && get(Activator.CreateInstance(owner)!) is { } value and not System.Collections.ICollection { Count: 0 }
            && JsonSerializer.SerializeToNode(value, RecipeJson.Options) is { } preset and not JsonObject)
        {
            described["default"] = preset;
        }
        return described;
    }

    /// <summary>The application's own documentation has to be there; that of others may be.</summary>
    static List<DocumentedMember> Documentation(string assembly, bool isOwn)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly}.xml");
        return File.Exists(file) ? DocumentationXml.Read(file) : !isOwn ? []
            : throw new FileNotFoundException($"There is no '{file}', which holds the descriptions for the schema. Keep the .xml files beside the application.", file);
    }
}
