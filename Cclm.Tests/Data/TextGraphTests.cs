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
