using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class ConllTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("EU\tB-ORG\nrejects\tO\n\nPeter\tB-PER\n", "EU/B-ORG rejects/O|Peter/B-PER")]
    [TestCase("\n\nEU\tB-ORG\r\n \r\n\t\nPeter\tB-PER", "EU/B-ORG|Peter/B-PER")]
    [TestCase("-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n\n-DOCSTART-\n\nPeter NNP I-NP B-PER\n", "EU/B-ORG rejects/O|Peter/B-PER")]
    public void SentencesEndAtBlankLines(string file, string sentences)
    {
        var source = Corpus.OpenTagged(new() { Paths = [folder.Write("a.conll", file)] });

        Assert.That(source.Read().Select(row => Join(row.Row)), Is.EqualTo(sentences.Split('|')));
        Assert.That(source.Read(1).Select(row => Join(row.Row)), Is.EqualTo(sentences.Split('|')[1..]));
        Assert.That(Corpus.Open(new() { Paths = [folder["a.conll"]] }).Read().First().Row, Does.StartWith("EU"));
    }

    [Test]
    public void ColumnsAreChosenByNumber()
    {
        var source = Corpus.OpenTagged(new() { Paths = [folder.Write("a.txt", "1 EU NNP B-ORG\n2 rejects VBZ O\n")], TextColumns = ["2"], LabelColumn = "3" });

        Assert.That(Join(source.Read().Single().Row), Is.EqualTo("EU/NNP rejects/VBZ"));
    }

    [Test]
    public void ListsOfJsonAreSentencesToo()
    {
        var source = Corpus.OpenTagged(new() { Paths = [folder.Write("a.jsonl", """{"tokens":["EU","rejects"],"ner_tags":[3,0]}""")], LabelColumn = "ner_tags" });

        Assert.That(Join(source.Read().Single().Row), Is.EqualTo("EU/3 rejects/0"));
    }

    [TestCase("a.conll", "EU\tB-ORG\nrejects\n", "line 2 has 1 columns; expected tags in column 2. Choose a column by its number")]
    [TestCase("a.jsonl", """{"tokens":["EU","rejects"],"tags":["O"]}""", "line 1 has 2 words and 1 tags; expected one tag a word")]
    public void AWordWithoutTagIsAnError(string name, string file, string message) => Assert.That(
        () => Corpus.OpenTagged(new() { Paths = [folder.Write(name, file)] }).Read().ToList(), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    static string Join(TaggedSentence sentence) => string.Join(' ', sentence.Words.Zip(sentence.Tags, (word, tag) => $"{word}/{tag}"));
}
