using System.Globalization;
using Cclm.Export;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>The table of operator versions: the official history, what the code can rewrite, and what the document says.</summary>
[Parallelizable]
public sealed class VersionTableTests
{
    const string DumpOfficialHistory = """
        import onnx
        for domain, versions in onnx.defs.C.schema_version_map().items():
            print("newest", domain or "ai.onnx", versions[1])
        for schema in onnx.defs.get_all_schemas_with_history():
            print("operator", schema.domain or "ai.onnx", schema.name, schema.since_version)
        """;

    /// <summary>An operator of the table: its versions, and which of them changed it ('!') or end it ('x').</summary>
    sealed record Entry(string Domain, string OpType, (long Since, char Mark)[] Versions);

    static readonly Entry[] Table = Read();

    static Entry[] Read()
    {
        using var reader = new StreamReader(typeof(VersionConversion).Assembly.GetManifestResourceStream("operators.txt")!);
        var (table, domain) = (new List<Entry>(), "");
        foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line.StartsWith(' '))
            {
                table.Add(new(domain, words[0], [.. words.Skip(1).Select(word => (long.Parse(word.TrimEnd('!', 'x'), CultureInfo.InvariantCulture), word[^1] is '!' or 'x' ? word[^1] : ' '))]));
            }
            domain = line.StartsWith(' ') ? domain : words[0];
        }
        return [.. table];
    }

    [Test]
    public void EveryVersionOfEveryOfficialOperatorIsInTheTableAndNoOther()
    {
        var (exit, output, errors) = OfficialChecker.Run(DumpOfficialHistory);
        Assert.That(exit, Is.Zero, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToLookup(words => words[0], words => words[1..]);
        var newest = lines["newest"].ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        var official = lines["operator"].Where(words => words[0] is "ai.onnx" or "ai.onnx.ml").Select(words => string.Join(' ', words)).ToArray();
        Assert.That(official, Has.Length.GreaterThan(400));
        Assert.That(Table.SelectMany(entry => entry.Versions.Where(version => version.Since <= newest[entry.Domain]).Select(version => $"{entry.Domain} {entry.OpType} {version.Since}")),
            Is.EquivalentTo(official));
    }

    static IEnumerable<TestCaseData> Changes => Table.SelectMany(entry => entry.Versions.Where(version => version.Mark != ' ').Select(version =>
        new TestCaseData(entry.Domain, entry.OpType, version.Since, version.Mark).SetArgDisplayNames($"{entry.OpType} {version.Since}{version.Mark}")));

    [TestCaseSource(nameof(Changes))]
    public void EveryChangeIsRewrittenOrRefusedAsTheTableSays(string domain, string opType, long version, char mark)
    {
        var model = new ModelProto { IrVersion = 3, Graph = new() { Node = { new NodeProto { OpType = opType, Domain = domain } } }, OpsetImport = { new OperatorSetIdProto { Domain = domain, Version = version - 1 } } };
        var refusal = "";
        try
        {
            VersionConversion.Raise(model, domain, version);
        }
        catch (OnnxModelException e)
        {
            refusal = e.Message;        // the node is as empty as can be, so that its rewrite may refuse it, too
        }
        Assert.That(refusal.Contains("there is no rewrite", StringComparison.Ordinal), Is.EqualTo(mark == 'x'), refusal);
    }

    [Test]
    public void TheDocumentListsEveryChange()
    {
        var rows = Table.Where(entry => entry.Versions.Any(version => version.Mark != ' ')).Select(entry =>
            $"| {(entry.Domain == "ai.onnx" ? "" : $"{entry.Domain}.")}{entry.OpType} | {Versions(entry, '!')} | {Versions(entry, 'x')} |");
        var document = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "documents", "versions.md"));
        Assert.That(document.Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Operator ", StringComparison.Ordinal)), Is.EqualTo(rows));
    }

    static string Versions(Entry entry, char mark) => string.Join(", ", entry.Versions.Where(version => version.Mark == mark).Select(version => version.Since));
}
