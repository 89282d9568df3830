using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cclm.Training.Recipes;

/// <summary>A step as it was last made.</summary>
/// <param name="Hash">SHA-256 over all that it was made from.</param>
/// <param name="Inputs">The options and data that it was made from.</param>
/// <param name="Parents">What other steps had made of it: files of the build's folder, with their SHA-256.</param>
/// <param name="Outputs">What it made; null where it was begun and not finished.</param>
/// <param name="Results">What it measured.</param>
sealed record LockedStep(string Hash, JsonObject Inputs, IReadOnlyDictionary<string, string> Parents, IReadOnlyDictionary<string, string>? Outputs = null, JsonObject? Results = null)
{
    /// <summary>A step that is begun.</summary>
    public static LockedStep Begin(JsonObject inputs, IReadOnlyDictionary<string, string> parents) => new(HashOf(inputs, parents), inputs, parents);

    static string HashOf(JsonObject inputs, IReadOnlyDictionary<string, string> parents) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{inputs.ToJsonString()}\n{string.Concat(parents.OrderBy(parent => parent.Key, StringComparer.Ordinal).Select(parent => $"{parent.Key} {parent.Value}\n"))}")));
}

/// <summary><c>recipe.lock.json</c>: what a folder's files were made from.</summary>
/// <param name="Format">The kind of document.</param>
/// <param name="FormatVersion">The version of its layout, and of what steps do.</param>
/// <param name="Steps">By their names. Those that a recipe has no more stay, so that a tower that comes back is not trained again.</param>
sealed record BuildLock(string Format, int FormatVersion, IReadOnlyDictionary<string, LockedStep> Steps)
{
    const string CurrentFormat = "cclm.build";
    const int CurrentVersion = 1;

    static string FileIn(string folder) => Path.Combine(folder, "recipe.lock.json");

    /// <summary>A folder's lock; an empty one where there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged or of another version.</exception>
    public static BuildLock Read(string folder)
    {
        var file = FileIn(folder);
        if (!File.Exists(file))
        {
            return new(CurrentFormat, CurrentVersion, new Dictionary<string, LockedStep>());
        }
        try
        {
            var found = JsonSerializer.Deserialize<BuildLock>(File.ReadAllBytes(file), RecipeJson.Options) ?? throw new JsonException("It is null.");
            return (found.Format, found.FormatVersion) == (CurrentFormat, CurrentVersion) ? found
                : throw new InvalidDataException($"'{file}' is '{found.Format}' of version {found.FormatVersion}; expected '{CurrentFormat}' of version {CurrentVersion}. Build in another folder, or delete the file to have everything made anew.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}' was damaged or edited: {e.Message} Put it back, or delete it to have everything made anew.", e);
        }
    }

    /// <summary>The lock with a step put in or replaced, written to the folder.</summary>
    public BuildLock With(string folder, string name, LockedStep step)
    {
        var changed = this with { Steps = new SortedDictionary<string, LockedStep>(Steps.ToDictionary(), StringComparer.Ordinal) { [name] = step } };
        AtomicFile.Write(FileIn(folder), JsonSerializer.Serialize(changed, RecipeJson.Options));
        return changed;
    }
}
