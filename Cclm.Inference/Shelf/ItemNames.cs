using System.Text.RegularExpressions;

namespace Cclm.Inference;

/// <summary>Names that become parts of paths, URLs and arguments, so they are held to what every system takes.</summary>
static partial class ItemNames
{
    const int MaxLength = 100;

    public static bool IsName(string name) => name.Length <= MaxLength && Name().IsMatch(name) && !IsReserved(name);

    public static bool IsVersion(string version) => version.Length <= MaxLength && Version().IsMatch(version);

    public static bool IsHash(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);

    /// <exception cref="ArgumentException">It can be no item's name.</exception>
    public static string CheckIdentifier(string identifier) => identifier.Length <= 2 * MaxLength && Identifier().IsMatch(identifier) && !IsReserved(identifier) ? identifier
        : throw new ArgumentException($"'{identifier}' is no item's identifier; expected a name and a version, such as 'topic-1.0.0', of lower-case letters, digits, underscores, dots and dashes.", nameof(identifier));

    /// <exception cref="ArgumentException">It can be no tag.</exception>
    public static string CheckTag(string tag) => tag.Length <= MaxLength && Tag().IsMatch(tag) && !tag.Contains("..", StringComparison.Ordinal) && !IsReserved(tag) ? tag
        : throw new ArgumentException($"'{tag}' is no tag; expected letters, digits, underscores, dots and dashes, beginning and ending with a letter, digit or underscore, such as 'v1.0'.", nameof(tag));

    /// <summary>Whether Windows keeps the name for a device, whatever stands behind its first dot.</summary>
    public static bool IsReserved(string name) => Reserved().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9_]+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\A[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\z")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\A[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\z")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\A(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9])(\.|\z)", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
