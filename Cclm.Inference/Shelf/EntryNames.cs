using System.Text.RegularExpressions;

namespace Cclm.Inference;

/// <summary>The names of an archive's entries, held to what can be unpacked alike on every file system, and nowhere but in the target.</summary>
sealed partial class EntryNames
{
    const int MaxLength = 200;

    readonly Dictionary<string, (string Name, bool IsFile)> seen = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with one more name, as the end of a sentence; null when nothing is.</summary>
    public string? Problem(string name, bool isFolder)
    {
        if (name.Length > MaxLength)
        {
            return $"a name of {name.Length} characters; expected at most {MaxLength}.";
        }
        var parts = name.Split('/');
        if (parts.FirstOrDefault(part => !Part().IsMatch(part)) is not null)
        {
            return "which is no plain relative path of ASCII letters, digits, '_', '-' and inner dots.";
        }
        if (parts.FirstOrDefault(ItemNames.IsReserved) is { } reserved)
        {
            return $"where '{reserved}' is the name of a device on Windows.";
        }
        for (var i = 1; i < parts.Length; i++)
        {
            if (Collides(string.Join('/', parts[..i])))
            {
                return "which differs from another by case alone, or lies in what is a file.";
            }
        }
        return isFolder ? Collides(name) ? "which differs from another by case alone, or is there as a file." : null
            : !seen.TryAdd(name, (name, true)) ? "which is there already, perhaps in another case." : null;
    }

    bool Collides(string folder) => !seen.TryAdd(folder, (folder, false)) && seen[folder] != (folder, false);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\z")]
    private static partial Regex Part();
}
