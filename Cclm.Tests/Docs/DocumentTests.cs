using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

public sealed partial class DocumentTests
{
    static IEnumerable<string> Names => Documents.Names;

    /// <summary>Code in a document that no test compiles would rot.</summary>
    [TestCaseSource(nameof(Names))]
    public void EveryCodeBlockIsCompiled(string document)
    {
        var compiled = Documents.CompiledRegions();
        Assert.That(compiled, Has.Count.GreaterThan(4));
        foreach (var block in Documents.Blocks(document, "csharp"))
        {
            Assert.That(compiled, Does.Contain(block), "Put the block in a region of a file in Cclm.Tests/Docs, and run it.");
        }
    }

    [TestCaseSource(nameof(Names))]
    public void EveryLinkLeadsSomewhere(string document)
    {
        foreach (Match link in Link().Matches(Documents.Read(document)))
        {
            Assert.That(Documents.Has(Path.GetFileName(link.Groups[1].Value)), Is.True, $"{document} links to {link.Groups[1].Value}.");
        }
    }

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)\)")]
    private static partial Regex Link();
}
