using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class TextGraphTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void LineIIsNodeI()
    {
        var graph = TextGraph.Load(folder.Write("nodes", "a\n\nc\r\n"), folder.Write("edges", "# from to\n0\t2\n\n2 2\r\n1  0"), folder.Write("labels", "x\n\ny\n"));

        Assert.That(graph.Texts, Is.EqualTo((string[])["a", "", "c"]));
        Assert.That(graph.Edges, Is.EqualTo(((int, int)[])[(0, 2), (2, 2), (1, 0)]));
        Assert.That(graph.Labels, Is.EqualTo((string?[])["x", null, "y"]));
        Assert.That(TextGraph.Load(folder["nodes"], folder["edges"]).Labels, Is.Null);
    }

    [TestCase("nodes.txt")]
    [TestCase("nodes.txt.gz")]
    public void TextsAreThoseOfTheFileCompressedOrNotInAnyOrder(string name)
    {
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? "" : $"{string.Concat(Enumerable.Repeat("é😀 x", i % 11))}{i}")];
        var bytes = System.Text.Encoding.UTF8.GetPreamble().Concat(System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", texts)));
        using (var file = File.Create(folder[name]))
        using (Stream stream = name.EndsWith("gz", StringComparison.Ordinal) ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest) : file)
        {
            stream.Write([.. bytes]);
        }
        var graph = TextGraph.Load(folder[name], folder.Write("edges", "0 299"));
        Assert.That(graph.Texts, Is.EqualTo(texts));
        Assert.That(Enumerable.Range(0, 300).Reverse().AsParallel().AsOrdered().Select(i => graph.Texts[i]), Is.EqualTo(texts.Reverse()));
        Assert.That(graph.Nodes.Read(298).Select(row => (row.Number, row.Row.Id, row.Row.Text)), Is.EqualTo(new[] { (298L, 298, texts[298]), (299L, 299, texts[299]) }));
    }

    [Test]
    public void TextsThatAreNotUtf8AreAnErrorAtOnce()
    {
        File.WriteAllBytes(folder["nodes"], [(byte)'a', (byte)'\n', 0xE9]);
        Assert.That(() => TextGraph.Load(folder["nodes"], folder.Write("edges", "0 1")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("line 2").And.Message.Contains("not valid UTF-8"));
    }

    [TestCase("nodes.jsonl", "edges", "the lines of one file")]
    [TestCase("nodes.txt nodes.txt", "edges", "the lines of one file")]
    [TestCase("nodes.txt", null, "--edges FILE")]
    public void ACorpusThatIsNoGraphIsAnError(string nodes, string? edges, string message) =>
        Assert.That(() => TextGraph.Open(new() { Paths = nodes.Split(' '), Edges = edges }), Throws.ArgumentException.With.Message.Contains(message));

    [TestCase("0 1\n0 3\n", "line 2 leads to node 3, but '")]
    [TestCase("3 0\n", "line 1 leads to node 3, but '")]
    [TestCase("0 -1\n", "line 1 leads to node -1, but '")]
    [TestCase("0 1 2\n", "line 1 is '0 1 2'; expected two node numbers")]
    [TestCase("0 1.0\n", "line 1 is '0 1.0'; expected two node numbers")]
    [TestCase("0 99999999999\n", "expected two node numbers")]
    public void AnEdgeThatLeadsToNoNodeIsAnError(string edges, string message) => Assert.That(
        () => TextGraph.Load(folder.Write("nodes", "a\nb\nc\n"), folder.Write("edges", edges)),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{folder["edges"]}', line ").And.Message.Contains(message));

    [Test]
    public void ThereIsALabelANode() => Assert.That(
        () => TextGraph.Load(folder.Write("nodes", "a\nb\n"), folder.Write("edges", "0 1"), folder.Write("labels", "x\n")),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("has 1 lines; expected 2, one a node"));
}
