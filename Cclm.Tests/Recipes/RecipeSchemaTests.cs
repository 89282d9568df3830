using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training;
using Cclm.Training.Recipes;
using NJsonSchema;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>The published schema says what the reader takes: held against NJsonSchema's validator.</summary>
public sealed class RecipeSchemaTests
{
    static readonly JsonSchema Schema = JsonSchema.FromJsonAsync(new RecipeSchema(new(), new()).Write()).Result;

    static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "recipes");

    static IEnumerable<string> Examples => Directory.GetFiles(Folder, "*.json").Where(file => !file.EndsWith("schema.json", StringComparison.Ordinal)).Select(file => Path.GetFileName(file)!);

    [Test]
    public void TheFileInTheRepositoryIsWhatTheCommandPrints() =>
        Assert.That(File.ReadAllText(Path.Combine(Folder, "recipe.schema.json")), Is.EqualTo(new RecipeSchema(new(), new()).Write()), "Write it again: cclm new --schema > recipes/recipe.schema.json");

    [Test]
    public void TheExampleIsWhatTheCommandWrites() =>
        Assert.That(File.ReadAllText(Path.Combine(Folder, "dotnet-api.json")), Is.EqualTo(NewRecipe.OfDocumentation()), "Write it again: cclm new recipes/dotnet-api.json --force");

    [TestCaseSource(nameof(Examples))]
    public void AnExampleIsOfTheSchemaAndIsRead(string file)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, file));
        Assert.That(Problems(Encoding.UTF8.GetString(bytes)), Is.Empty);
        Assert.That(() => RecipeFile.Parse(file, bytes, new(), new()), Throws.Nothing);
    }

    [Test]
    public void EverythingIsDescribed()
    {
        var undescribed = new List<string>();
        Walk(JsonNode.Parse(new RecipeSchema(new(), new()).Write())!, "");
        Assert.That(undescribed, Is.Empty);

        void Walk(JsonNode node, string path)
        {
            foreach (var (name, property) in node["properties"] as JsonObject ?? [])
            {
                if (property!["description"] is null && property["enum"] is not JsonArray { Count: 1 })
                {
                    undescribed.Add($"{path}.{name}");
                }
                Walk(property, $"{path}.{name}");
            }
            foreach (var inner in ((JsonNode?[])[node["items"], node["additionalProperties"] as JsonObject, .. node["allOf"] as JsonArray ?? [], .. node["anyOf"] as JsonArray ?? []]).OfType<JsonObject>())
            {
                Walk(inner, path);
            }
        }
    }

    /// <summary>Changes to the example, and whether it is a recipe then.</summary>
    static readonly Dictionary<string, (Action<JsonNode> Change, bool Good)> Changes = new()
    {
        ["as it is"] = (recipe => { }, true),
        ["all that can be null is null"] = (recipe => (recipe["$schema"], recipe["preprocessor"]!["maxSize"], recipe["embedder"]!["options"], recipe["towers"]![0]!["taskOptions"], recipe["towers"]![1]!["options"],
            recipe["composition"]!["layerNorm"], recipe["evaluation"]!["probe"], recipe["corpora"]!["text"]!["format"]) = (null, null, null, null, null, null, null, null), true),
        ["options of the other task"] = (recipe => recipe["towers"]![1]!["taskOptions"] = new JsonObject { ["rate"] = 0.1 }, false),
        ["options of its own task"] = (recipe => recipe["towers"]![0]!["taskOptions"] = new JsonObject { ["rate"] = 0.1, ["run"] = 3 }, true),
        ["a tower's options unknown"] = (recipe => recipe["towers"]![0]!["options"] = new JsonObject { ["hads"] = 1 }, false),
        ["a tower's options of another kind"] = (recipe => recipe["towers"]![0]!["options"] = new JsonObject { ["heads"] = "four" }, false),
        ["a tower's type by name"] = (recipe => recipe["towers"]![0]!["type"] = "transformer", true),
        ["a tower's type unknown"] = (recipe => recipe["towers"]![0]!["type"] = "lstm", false),
        ["a task unknown"] = (recipe => recipe["towers"]![0]!["task"] = "guess", false),
        ["a task missing"] = (recipe => recipe["towers"]![0]!.AsObject().Remove("task"), false),
        ["a tower's name"] = (recipe => recipe["towers"]![0]!["name"] = "Chars", false),
        ["no corpora"] = (recipe => recipe.AsObject().Remove("corpora"), false),
        ["no paths"] = (recipe => recipe["corpora"]!["text"]!.AsObject().Remove("paths"), false),
        ["a property unknown"] = (recipe => recipe["parts"] = new JsonObject(), false),
        ["a head"] = (recipe => recipe["heads"] = new JsonArray(new JsonObject { ["name"] = "h", ["task"] = "categorical", ["corpus"] = "text", ["taskOptions"] = new JsonObject { ["head"] = new JsonObject { ["pooling"] = "attention" } } }), true),
        ["a head on nothing"] = (recipe => recipe["heads"] = new JsonArray(new JsonObject { ["name"] = "h", ["task"] = "categorical" }), false),
        ["quantization without a corpus"] = (recipe => recipe["quantization"] = new JsonObject(), false),
        ["quantization"] = (recipe => recipe["quantization"] = new JsonObject { ["corpus"] = "text", ["to"] = "int8-weights", ["keep"] = new JsonArray("heads."), ["minCosine"] = 0.99 }, true),
        ["quantization to what is not known"] = (recipe => recipe["quantization"] = new JsonObject { ["corpus"] = "text", ["to"] = "int4" }, false),
        ["text for a number"] = (recipe => recipe["towers"]![0]!["training"]!["steps"] = "many", false),
        ["null for a number"] = (recipe => recipe["towers"]![0]!["training"]!["steps"] = null, false),
        ["a fraction for a whole number"] = (recipe => recipe["towers"]![0]!["training"]!["steps"] = 1.5, false),
        ["a word unknown"] = (recipe => recipe["composition"]!["pooling"] = "median", false),
        ["no pooling"] = (recipe => (recipe["composition"]!["pooling"], recipe["evaluation"]!["probe"]) = (null, null), true),
        ["bfloat16"] = (recipe => recipe["towers"]![0]!["training"]!["precision"] = "bfloat16", true),
        ["a precision that is not known"] = (recipe => recipe["towers"]![0]!["training"]!["precision"] = "b_float16", false),
        ["the embedder's vocabulary"] = (recipe => recipe["embedder"]!["options"]!["vocabulary"] = 9, false),
    };

    static IEnumerable<string> ChangeNames => Changes.Keys;

    [TestCaseSource(nameof(ChangeNames))]
    public void TheSchemaAndTheReaderSayTheSame(string name)
    {
        var recipe = JsonNode.Parse(Plain(NewRecipe.OfDocumentation()))!;
        Changes[name].Change(recipe);
        Assert.That(Problems(recipe.ToJsonString()), Changes[name].Good ? Is.Empty : Is.Not.Empty, "the schema");
        Assert.That(() => RecipeFile.Parse("my.json", Encoding.UTF8.GetBytes(recipe.ToJsonString()), new(), new()), Changes[name].Good ? Throws.Nothing : Throws.TypeOf<InvalidDataException>(), "the reader");
    }

    [TestCase("""{ "width": 3 }""", true)]
    [TestCase("""{ "width": 3, "deep": false }""", true)]
    [TestCase("""{ "deep": true }""", false)]
    [TestCase("null", false)]
    [TestCase("""{ "width": 3, "heads": 1 }""", false)]
    public async Task ATowerOfAUserIsInTheSchemaToo(string options, bool good)
    {
        var parts = new PartTypes().AddTower<Docs.TrigramTower, UserOptions>("user", (embedder, chosen) => new(embedder, new() { Filters = chosen.Width }));
        var schema = await JsonSchema.FromJsonAsync(new RecipeSchema(parts, new()).Write());
        var recipe = $$"""{ "corpora": { "text": { "paths": ["a"] } }, "towers": [{ "name": "t", "task": "char-mask", "corpus": "text", "type": "user", "options": {{options}} }] }""";
        Assert.That(() => RecipeFile.Parse("my.json", Encoding.UTF8.GetBytes(recipe), parts, new()), good ? Throws.Nothing : Throws.TypeOf<InvalidDataException>());
        Assert.That(schema.Validate(recipe), good || options == "null" ? Is.Empty : Is.Not.Empty);       // that there is no default, the schema does not know
    }

    sealed record UserOptions(int Width, bool Deep = true);

    /// <summary>What NJsonSchema finds wrong with a recipe.</summary>
    public static IEnumerable<string> Problems(string recipe) => Schema.Validate(Plain(recipe)).Select(problem => problem.ToString());

    static string Plain(string recipe) => JsonNode.Parse(recipe, null, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.ToJsonString();
}
