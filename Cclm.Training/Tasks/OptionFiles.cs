using System.Text.Json;

namespace Cclm.Training;

/// <summary>Marks an option that names a file, or a folder, whose content decides what is learned.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FileOptionAttribute : Attribute;

/// <summary>The files that a task's options name (<see cref="FileOptionAttribute"/>).</summary>
static class OptionFiles
{
    /// <summary>Each file with a hash of its content; of a folder, of all files in it. What is not there has none.</summary>
    /// <param name="options">The options.</param>
    /// <param name="type">Their class.</param>
    /// <param name="hash">Hashes a file that is there.</param>
    public static IEnumerable<(string Path, string Hash)> Of(JsonElement? options, Type type, Func<string, string?> hash) =>
        Named(Read(options, type)).Select(file => file.Get()!).Select(path => (path, HashOf(path, hash))).ToList();

    /// <summary>The options with their files named as they are found from a folder.</summary>
    public static JsonElement? From(string folder, JsonElement? options, Type type)
    {
        var read = Read(options, type);
        var files = Named(read).ToList();
        foreach (var (get, set) in files)
        {
            set(Path.Combine(folder, get()!));
        }
        return files.Count > 0 ? PartTypes.Write(read) : options;
    }

    static object Read(JsonElement? options, Type type) => PartTypes.Read(options ?? JsonDocument.Parse("{}").RootElement, type, "task's options");

    static IEnumerable<(Func<string?> Get, Action<string> Set)> Named(object options)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            if (property.IsDefined(typeof(FileOptionAttribute), inherit: true) && property.GetValue(options) is string)
            {
                yield return (() => (string?)property.GetValue(options), path => property.SetValue(options, path));
            }
            else if (property.PropertyType is { IsClass: true, Namespace: not "System" } && property.GetIndexParameters().Length == 0 && property.GetValue(options) is { } nested and not System.Collections.IEnumerable)
            {
                foreach (var file in Named(nested))
                {
                    yield return file;
                }
            }
        }
    }

    static string HashOf(string path, Func<string, string?> hash) => Directory.Exists(path)
        ? string.Join(' ', Directory.GetFiles(path, "*", SearchOption.AllDirectories).Where(file => IsPart(Path.GetRelativePath(path, file))).Order(StringComparer.Ordinal).Select(hash))
        : (File.Exists(path) ? hash(path) : null) ?? "none";

    /// <summary>Whether a file, named from a model in training, is a part of it, and no record of a run.</summary>
    static bool IsPart(string file) => Path.GetExtension(file) is ".safetensors" or ".json" && !file.StartsWith($"runs{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
