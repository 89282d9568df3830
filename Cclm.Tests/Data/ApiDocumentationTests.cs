using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class ApiDocumentationTests
{
    const string Types = """
        <member name="T:System.IO.File"><summary>Short.</summary></member>
        <member name="T:System.Collections.Generic.List`1" />
        <member name="T:System.Collections.Generic.List`1.Enumerator" />
        <member name="T:Global" />
        """;

    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("Reads <see cref=\"T:System.String\" /> values from a file.", "Reads String values from a file.")]
    [TestCase("A <see cref=\"T:System.Collections.Generic.List`1\"/> of <see cref=\"N:System.Text\"/>.", "A List of System.Text.")]
    [TestCase("It calls <see cref=\"M:System.IO.File.Read(System.String,System.Int32)\"/> or <see cref=\"M:System.Linq.Enumerable.Cast``1(System.Object)\"/>.", "It calls Read or Cast.")]
    [TestCase("Makes it by <see cref=\"M:System.Text.Rune.#ctor(System.Char)\" /> or <see cref=\"Overload:System.Object.Equals\" />.", "Makes it by Rune or Equals.")]
    [TestCase("At most <see cref=\"F:System.Int32.MaxValue\">Int32.MaxValue</see> <see href=\"https://x.y\">by rule</see>.", "At most Int32.MaxValue by rule.")]
    [TestCase("Is <see langword=\"null\" /> when <paramref name=\"x\" /> is a <typeparamref name=\"T\" />.", "Is null when x is a T.")]
    [TestCase("Starts an <xref uid=\"System.Func%602\"></xref>, <c>a  b</c> &amp; &lt;more&gt;.", "Starts an Func, a b & <more>.")]
    [TestCase("<para>First part.</para><para>Second part.</para>", "First part. Second part.")]
    [TestCase("\n   one,\n\t two,<br/>three<forInternalUseOnly />  and four \n", "one, two, three and four")]
    public void ASummaryIsWhatItsReaderSees(string xml, string text)
    {
        folder.Write("a.xml", Document(Types + $"""<member name="M:System.IO.File.Read"><summary>{xml}</summary><returns>Never this part.</returns></member>"""));

        Assert.That(ApiDocumentation.Read(folder.Path).Select(member => member.Summary), Is.EqualTo((string[])[text]));
    }

    [TestCase("M:System.IO.File.ReadAllLines(System.String)", "System.IO", "File")]
    [TestCase("T:System.IO.File", "System.IO", "File")]
    [TestCase("M:System.Collections.Generic.List`1.#ctor(System.Collections.Generic.IEnumerable{`0})", "System.Collections.Generic", "List`1")]
    [TestCase("M:System.Collections.Generic.List`1.System#Collections#IList#Add(System.Object)", "System.Collections.Generic", "List`1")]
    [TestCase("M:System.Collections.Generic.List`1.op_Implicit(`0)~System.IO.File", "System.Collections.Generic", "List`1")]
    [TestCase("P:System.Collections.Generic.List`1.Enumerator.Current", "System.Collections.Generic", "List`1.Enumerator")]
    [TestCase("F:Global.Zero", "", "Global")]
    public void AMemberBelongsToItsTypeAndNamespace(string id, string space, string type)
    {
        folder.Write("a.xml", Document($"""<member name="{id}"><summary>Does something that takes words.</summary></member>"""));
        folder.Write("b.xml", Document(Types));      // known from another file

        Assert.That(ApiDocumentation.Read(folder.Path), Has.Member(new ApiMember(id, space, type, "Does something that takes words.")));
    }

    [TestCase("M:System.IO.File.ReadAllLines(System.String)", "System.IO", "File.ReadAllLines")]
    [TestCase("T:System.IO.File", "System.IO", "File")]
    [TestCase("M:N.List`1.#ctor(System.Collections.Generic.IEnumerable{`0})", "N", "List.ctor")]
    [TestCase("M:N.List`1.op_Implicit(`0)~N.File", "N", "List.op_Implicit")]
    [TestCase("M:N.Enumerable.Cast``1(System.Object)", "N", "Enumerable.Cast")]
    [TestCase("F:Global.Zero", "", "Global.Zero")]
    public void AMembersNameIsAsOneSpeaksOfIt(string id, string space, string name) => Assert.That(new ApiMember(id, space, "", "").Name, Is.EqualTo(name));

    [Test]
    public void FilesComeInOrderAndShortOrMissingSummariesAndUnknownTypesNot()
    {
        folder.Write("b.xml", Document(Types + """<member name="M:System.IO.File.Second"><summary>Exactly twenty chars</summary></member>"""));
        folder.Write("B.xml", Document("""<member name="M:System.IO.File.First"><summary>The same summary as another.</summary></member>"""));
        folder.Write("c.xml", Document("""
            <member name="M:System.IO.File.Third"><summary>The same summary as another.</summary></member>
            <member name="M:System.IO.File.Short"><summary>Only nineteen chars</summary></member>
            <member name="M:System.IO.File.Empty"><summary /></member>
            <member name="M:System.IO.File.None"><remarks>Remarks are not a summary at all.</remarks></member>
            <member><summary>A member that has no name at all.</summary></member>
            <member name="P:System.SR.Text"><summary>A resource of a type that is not public.</summary></member>
            <member name="M:System.IO.FileLike.Read"><summary>A type whose name only begins the same.</summary></member>
            """));
        folder.Write("c.txt", "not documentation");

        Assert.That(ApiDocumentation.Read(folder.Path).Select(member => member.Id),
            Is.EqualTo((string[])["M:System.IO.File.First", "M:System.IO.File.Second", "M:System.IO.File.Third"]));
    }

    [Test]
    public void AFileThatIsNotXmlIsNamed() => Assert.That(() => ApiDocumentation.Read(Path.GetDirectoryName(folder.Write("a.xml", "<doc><member name='x'>"))!),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{folder["a.xml"]}' is not an XML documentation file").And.Message.Contains("--corpus"));

    [Test]
    public void ThisMachinesSdkHoldsAsMuchAsADemoNeeds()
    {
        var members = ApiDocumentation.Read();

        Assert.That(members, Has.Count.GreaterThan(40_000));
        Assert.That(members.Select(member => member.Namespace).Distinct().Count(), Is.GreaterThan(80));
        Assert.That(members.Where(member => member.Summary.Length < ApiDocumentation.MinSummary || member.Summary.Contains("  ", StringComparison.Ordinal)), Is.Empty);
        Assert.That(members.Single(member => member.Id == "M:System.IO.File.ReadAllLines(System.String)"), Is.EqualTo(new ApiMember(
            "M:System.IO.File.ReadAllLines(System.String)", "System.IO", "File", "Opens a text file, reads all lines of the file, and then closes the file.")));
        Assert.That(members.First(member => member.Type == "List`1.Enumerator").Namespace, Is.EqualTo("System.Collections.Generic"));
    }

    [Test]
    public void MembersAreJoinedWithTheirTypesAndWithWhatTheirDocumentationRefersTo()
    {
        folder.Write("a.xml", Document("""
            <member name="T:N.Reader"><summary>Reads words from a stream.</summary></member>
            <member name="M:N.Reader.Read"><summary>Reads the next word there is.</summary><returns>A <see cref="T:N.Word"/>.</returns></member>
            <member name="T:N.Word"><summary>A word of a <see cref="T:N.Reader" />, see there.</summary><seealso cref="M:N.Nowhere"/></member>
            <member name="M:N.Word.Short"><summary>Too short.</summary></member>
            <member name="M:N.Word.Split"><summary>Divides a word at a character.</summary><remarks>As <see cref="M:N.Word.Split"/>, <see cref="T:N.Word"/>.</remarks></member>
            """));
        var graph = ApiDocumentation.ReadGraph(folder.Path);

        Assert.That(graph.Texts, Is.EqualTo(new[] { "Reads words from a stream.", "Reads the next word there is.", "A word of a Reader, see there.", "Divides a word at a character." }));
        Assert.That(graph.Edges, Is.EquivalentTo(new[] { (1, 2), (1, 0), (2, 0), (3, 2) }));
        Assert.That(graph.Labels, Is.All.EqualTo("N"));
    }

    [Test]
    public void ThisMachinesSdkIsAGraphThatHangsTogether()
    {
        var (graph, members) = (ApiDocumentation.ReadGraph(), ApiDocumentation.Read());

        Assert.That(graph.Texts, Has.Count.InRange(members.Count - 300, members.Count), "ids that two files document are one node");
        Assert.That(graph.Neighbours.Edges, Is.GreaterThan(graph.Texts.Count));
        Assert.That(Enumerable.Range(0, graph.Texts.Count).Count(node => graph.Neighbours[node].IsEmpty), Is.LessThan(graph.Texts.Count / 10));
    }

    static string Document(string members) => $"""<?xml version="1.0" encoding="utf-8"?><doc><assembly><name>A</name></assembly><members>{members}</members></doc>""";
}
