using System.Text.Json;

namespace Cclm.Training.Recipes;

/// <summary>A recipe that was read and holds together: each name in it is one of something that is there.</summary>
public sealed class RecipeFile
{
    readonly JsonText text;

    RecipeFile(Recipe recipe, JsonText text, string folder) => (Recipe, this.text, Folder) = (recipe, text, folder);

    /// <summary>What it says.</summary>
    public Recipe Recipe { get; }

    /// <summary>The folder that its paths are relative to.</summary>
    public string Folder { get; }

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="InvalidDataException">It is no recipe; the message says where, what was found and what was expected.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static RecipeFile Read(string path, PartTypes parts, TaskTypes tasks)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(Directory.Exists(path) ? $"'{path}' is a folder; expected a recipe." : $"There is no recipe '{path}'. Check the path, or write one with 'cclm new {path}'.", path);
        }
        using var file = File.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, JsonText.MaxBytes + 1)];     // one more than may be read: it is refused, and not read into memory
        file.ReadExactly(bytes);
        return Parse(path, bytes, parts, tasks);
    }

    /// <summary>Reads a recipe from its bytes.</summary>
    /// <param name="path">Where it would be: messages name it, and paths are relative to its folder.</param>
    /// <param name="utf8">The recipe. Comments and trailing commas are allowed.</param>
    /// <param name="parts">The towers that it can name.</param>
    /// <param name="tasks">The tasks that it can name.</param>
    /// <exception cref="InvalidDataException">It is no recipe; the message says where, what was found and what was expected.</exception>
    public static RecipeFile Parse(string path, byte[] utf8, PartTypes parts, TaskTypes tasks)
    {
        var text = new JsonText(Path.GetFileName(path), utf8);
        new JsonShape(text).Check(text.Root, typeof(Recipe), []);
        var recipe = JsonSerializer.Deserialize<Recipe>(text.Bytes, RecipeJson.Options)!;
        new RecipeRules(text, recipe, parts, tasks).Check();
        return new(recipe, text, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Says what is wrong with a value of the recipe that only its use showed.</summary>
    internal InvalidDataException Fault(string message, params ReadOnlySpan<object> path) => text.Fault(message, path);
}
