using System.Collections.Frozen;
using System.Globalization;

namespace Cclm.Export;

/// <summary>A version of an operator set that changed an operator.</summary>
/// <param name="Since">The version.</param>
/// <param name="Changed">Whether nodes of the version before have another form or meaning there.</param>
readonly record struct OperatorVersion(long Since, bool Changed);

/// <summary>When each of the standard's operators changed: the table <c>Versions/operators.txt</c>.</summary>
/// <remarks>Source: the standard's changelogs of both domains (docs/Changelog.md and docs/Changelog-ml.md of github.com/onnx/onnx).</remarks>
static class OperatorHistory
{
    static readonly Dictionary<string, long> NewestVersions = [];

    /// <summary>By domain and name; versions in ascending order.</summary>
    public static FrozenDictionary<(string Domain, string OpType), OperatorVersion[]> Operators { get; } = Read();

    /// <summary>The newest version of a domain that the table knows; null for a domain that is not the standard's.</summary>
    public static long? Newest(string domain) => NewestVersions.TryGetValue(domain, out var version) ? version : null;

    static FrozenDictionary<(string, string), OperatorVersion[]> Read()
    {
        using var reader = new StreamReader(typeof(OperatorHistory).Assembly.GetManifestResourceStream("operators.txt")!);
        var operators = new Dictionary<(string, string), OperatorVersion[]>();
        var domain = "";
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line.StartsWith(' '))
            {
                operators.Add((domain, words[0]), [.. words.Skip(1).Select(Version)]);
            }
            else if (!line.StartsWith('#'))
            {
                domain = OperatorSets.Canonical(words[0]);
                NewestVersions.Add(domain, long.Parse(words[1], CultureInfo.InvariantCulture));
            }
        }
        return operators.ToFrozenDictionary();
    }

    static OperatorVersion Version(string word) => new(long.Parse(word.TrimEnd('!', 'x'), CultureInfo.InvariantCulture), !char.IsAsciiDigit(word[^1]));
}
