using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>The project's documents, as they lie beside the test assembly.</summary>
static partial class Documents
{
    static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "documents");

    public static IEnumerable<string> Names => Directory.GetFiles(Folder, "*.md").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>Whether there is a file of a name.</summary>
    public static bool Has(string name) => File.Exists(Path.Combine(Folder, name));

    /// <summary>The fenced blocks of a language.</summary>
    public static IEnumerable<string> Blocks(string name, string language) =>
        Fence().Matches(Read(name)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    /// <summary>What follows <c>cclm</c> in each command of the shell blocks.</summary>
    public static IEnumerable<string> Commands(string name) =>
        Blocks(name, "sh").SelectMany(block => block.Split('\n')).Where(line => line.StartsWith("cclm ", StringComparison.Ordinal)).Select(line => line[5..]);

    /// <summary>A command's arguments as a shell splits them; <c>&lt; file</c> stays, for the runner.</summary>
    public static string[] Arguments(string command) => [.. Word().Matches(command).Select(match => match.Groups["word"].Value)];

    /// <summary>The regions of the compiled examples, without indentation, by file.</summary>
    public static IReadOnlySet<string> CompiledRegions() => Directory.GetFiles(Folder, "*.cs")
        .SelectMany(file => Region().Matches(File.ReadAllText(file))).Select(match => Outdent(match.Groups[1].Value)).ToHashSet();

    static string Outdent(string code)
    {
        var lines = code.Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : line)).TrimEnd() + '\n';
    }

    [GeneratedRegex("^```(\\w+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("""
        "(?<word>[^"]*)"|'(?<word>[^']*)'|(?<word>\S+)
        """)]
    private static partial Regex Word();

    [GeneratedRegex("#region [^\n]*\n(.*?)[ ]*#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();
}
