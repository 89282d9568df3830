using System.Text.RegularExpressions;

namespace Cclm.Training.Data;

/// <summary>One member of .NET's public API with what its documentation says it does.</summary>
/// <param name="Id">Its documentation id, such as <c>M:System.IO.File.ReadAllLines(System.String)</c> (C# specification, annex D).</param>
/// <param name="Namespace">The namespace, such as <c>System.IO</c>.</param>
/// <param name="Type">The type within the namespace, as ids spell it: <c>File</c>, <c>List`1.Enumerator</c>.</param>
/// <param name="Summary">The summary as its reader sees it, on one line.</param>
public sealed partial record ApiMember(string Id, string Namespace, string Type, string Summary)
{
    /// <summary>The name as one speaks of it: <c>M:System.Collections.Generic.List`1.Add(`0)</c> is <c>List.Add</c>.</summary>
    public string Name => Decoration().Replace(Id[(Namespace.Length > 0 ? Namespace.Length + 3 : 2)..], "");

    /// <summary>The number of type parameters, what marks a constructor, and the parameters.</summary>
    [GeneratedRegex(@"`+\d+|#(?=ctor)|[(~].*")]
    private static partial Regex Decoration();
}

/// <summary>
/// The documentation of .NET's own API as a corpus of real English with natural labels: every .NET SDK brings it along
/// (<c>packs/Microsoft.NETCore.App.Ref</c>, MIT licence), so nothing has to be downloaded.
/// </summary>
public static partial class ApiDocumentation
{
    /// <summary>Shorter summaries ("Gets the key.") say too little to learn from.</summary>
    public const int MinSummary = 20;

    /// <summary>Reads the documentation of the newest reference pack on this machine.</summary>
    /// <exception cref="DirectoryNotFoundException">No reference pack is installed; the message says what to install.</exception>
    /// <inheritdoc cref="Read(string)"/>
    public static IReadOnlyList<ApiMember> Read() => Read(ReferencePack.Find(ReferencePack.Roots()));

    /// <summary>Reads every documentation file of a folder, files in ordinal order, members in the files' order.</summary>
    /// <remarks>
    /// Overloads often share a summary, and each is listed. Members of undocumented types are left out: they are not public API but the
    /// libraries' internal resources.
    /// </remarks>
    /// <exception cref="InvalidDataException">A file is not XML; the message names it.</exception>
    public static IReadOnlyList<ApiMember> Read(string folder) => [.. Members(folder).Select(member => member.Member)];

    static IEnumerable<(ApiMember Member, IReadOnlyList<string> References)> Members(string folder)
    {
        List<DocumentedMember> documented = [.. Directory.GetFiles(folder, "*.xml").Order(StringComparer.Ordinal).SelectMany(DocumentationXml.Read)];
        var types = documented.Where(member => member.Id.StartsWith("T:", StringComparison.Ordinal)).Select(member => member.Id[2..])
            .ToHashSet().GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (id, summary, references) in documented)
        {
            if (summary.Length >= MinSummary && Locate(id, types) is var (space, type))
            {
                yield return (new(id, space, type, summary), references);
            }
        }
    }

    /// <summary>The namespace and type of a member: the longest known type its id begins with, from that type's outermost one on.</summary>
    static (string Namespace, string Type)? Locate(string id, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> types)
    {
        var name = id.AsSpan(2);                                // after the kind, "M:"
        if (name.IndexOfAny('(', '~') is >= 0 and var signature)
        {
            name = name[..signature];
        }
        while (!types.Contains(name))
        {
            if (name.LastIndexOf('.') is var dot && dot < 0)
            {
                return null;
            }
            name = name[..dot];
        }
        var outermost = name;
        while (outermost.LastIndexOf('.') is > 0 and var dot && types.Contains(outermost[..dot]))
        {
            outermost = outermost[..dot];
        }
        var start = outermost.LastIndexOf('.') + 1;
        return (outermost[..Math.Max(0, start - 1)].ToString(), name[start..].ToString());
    }
}
