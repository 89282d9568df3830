using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class CorpusColumnTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("a.csv", "id,title,body\n1,T,B\n", "body", "B")]
    [TestCase("a.csv", "id,title,body\n1,T,B\n", "3", "B")]
    [TestCase("a.csv", "id,title,body\n1,T,B\n", "title body", "T B")]
    [TestCase("a.csv", "id,title,body\n1,T,\n", "title body", "T")]
    [TestCase("a.csv", "only\nB\n", "", "B")]
    [TestCase("a.csv", "2,id\nB,1\n", "2", "B")]                                   // a name before a number
    [TestCase("a.tsv", "id\ttext\n1\tB \"q\n", "text", "B \"q")]
    [TestCase("a.tsv", "\n1\tB\tC\n", "3", "C")]
    [TestCase("a.tsv", "label\ttext\tmore\n", "", "text\tmore")]
    [TestCase("a.txt", "id\ttext\n1\tB\n", "text", "B")]                           // lines of which a column is asked for
    [TestCase("a.jsonl", """{"text":"B"}""", "", "B")]
    [TestCase("a.jsonl", """{"message":{"text":"B"}}""", "message.text", "B")]
    [TestCase("a.jsonl", """{"message.text":"B","message":{"text":"C"}}""", "message.text", "B")]
    [TestCase("a.jsonl", """{"turns":[{"text":"B"},{"text":null},{"text":"C"}]}""", "turns.text", "B C")]
    [TestCase("a.jsonl", """{"turns":[{"text":"B"},{"text":"C"}]}""", "turns.1.text", "C")]
    [TestCase("a.jsonl", """{"tags":["B","C"],"n":1.50}""", "tags n", "B C 1.50")]
    [TestCase("a.jsonl", """{"n":true,"x":"\ud83d\ude00"}""", "n x", "true 😀")]
    [TestCase("a.json", "\uFEFF \r\n\n\t [{\"text\":\"B\"}]", "", "B")]
    [TestCase("a.jsonl", "\uFEFF \r\n\t{\"text\":\"B\"}\t\r\n", "", "B")]
    public void AColumnIsANameAPathOrANumber(string name, string file, string columns, string text)
    {
        var source = Corpus.Open(new() { Paths = [folder.Write(name, file)], TextColumns = columns.Split(' ', StringSplitOptions.RemoveEmptyEntries) });

        Assert.That(source.Read().Select(row => row.Row), Is.EqualTo((string[])[text]));
    }

    [TestCase("a.csv", "id,title\n1,T\n", "body", "has no column 'body'; it has the columns id, title. Choose one with TextColumns (--text-column)")]
    [TestCase("a.csv", "id,title\n1,T\n", "", "has the columns id, title; expected a column 'text'")]
    [TestCase("a.csv", "id,title\n1,T\n", "3", "has no column '3'; it has the columns id, title")]
    [TestCase("a.tsv", "id\ttext\n1\tB\n", "body", "has no column 'body'; it has the columns id, text")]
    [TestCase("a.tsv", "id\ttext\n1\tB\tC\n", "text", "line 2 has 3 fields; the header names 2")]
    [TestCase("a.tsv", "1\tB\n2\n", "2", "line 2 has no column '2'; it has one field")]
    [TestCase("a.tsv", "1\tB\n", "2000000", "line 1 has no column '2000000'; it has fields 1 to 2")]
    [TestCase("a.tsv", "1\tB\n", "2147483647", "line 1 has no column '2147483647'; it has fields 1 to 2")]
    [TestCase("a.jsonl", """{"id":1,"title":"T"}""", "body", "line 1 has no column 'body'; it has the columns id, title")]
    [TestCase("a.jsonl", """{"message":{"id":1}}""", "message.text", "line 1 has no column 'message.text'; it has the columns id")]
    [TestCase("a.jsonl", """{"message":{"id":1}}""", "message", "line 1, 'message' leads to an object; expected text, a number, true or false. It has the columns id; write a path such as a.b.")]
    [TestCase("a.jsonl", """{"text":"B"}""", "text.more", "line 1, 'text.more' leads to text")]
    [TestCase("a.jsonl", "[1]\n", "", "row 1 is a number; expected a JSON object")]
    [TestCase("a.jsonl", "3\n", "", "line 1 is a number; expected a JSON object")]
    public void AMissingColumnIsAnErrorThatListsThoseThereAre(string name, string file, string columns, string message)
    {
        var source = Corpus.Open(new() { Paths = [folder.Write(name, file)], TextColumns = columns.Split(' ', StringSplitOptions.RemoveEmptyEntries) });

        Assert.That(() => source.Read().ToList(), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith($"'{folder[name]}'").And.Message.Contains(message));
    }

    [Test]
    public void AMillionColumnsAreRead()
    {
        var names = string.Join('\t', Enumerable.Range(0, 1_000_000));
        var file = folder.Write("a.tsv", $"{names}\n{names}\n{names}\n");

        Assert.That(Corpus.Open(new() { Paths = [file], TextColumns = ["999999", "3"], Header = true }).Read().Select(row => row.Row), Is.EqualTo((string[])["999999 3", "999999 3"]));
    }

    sealed record Turn(string? text);

    sealed record Row
    {
        public string? text { get; init; }

        public int number { get; init; }

        public uint big { get; init; }

        public double? score { get; init; }

        public bool flag { get; init; }

        public DateTime day { get; init; }

        public List<string?>? tags { get; init; }

        public Turn? first { get; init; }

        public List<Turn?>? turns { get; init; }
    }

    [TestCase("text", "a", null, "c")]
    [TestCase("number flag", "1 true", "-2 false", "3 true")]
    [TestCase("big", "4294967295", "0", "7")]
    [TestCase("score", "1.5", null, "1E+300")]
    [TestCase("tags", "x y", null, "z")]
    [TestCase("first.text", "A", null, null)]
    [TestCase("turns.text", "B C", null, "D")]
    public void ColumnsOfParquetMayBeNestedListsNumbersAndMissing(string columns, params string?[] texts)
    {
        OtherParquet.Write(folder["a.parquet"], (Row[])
        [
            new() { text = "a", number = 1, big = uint.MaxValue, score = 1.5, flag = true, tags = ["x", null, "y"], first = new("A"), turns = [new("B"), new(null), new("C")] },
            new() { number = -2, tags = [], first = new(null), turns = [] },
            new() { text = "c", number = 3, big = 7, score = 1e300, flag = true, tags = ["z"], turns = [new("D")] },
        ]);

        var source = Corpus.Open(new() { Paths = [folder["a.parquet"]], TextColumns = columns.Split(' ') });

        Assert.That(source.Read(), Is.EqualTo(texts.Index().Where(text => text.Item is not null).Select(text => ((long)text.Index, text.Item!))));
        Assert.That(source.Read(2), Is.EqualTo(texts.Index().Where(text => text.Item is not null && text.Index == 2).Select(text => ((long)text.Index, text.Item!))));
    }

    [TestCase("body", "has no column 'body'; it has the columns text, number, big, score, flag, day, tags, first.text, turns.text.")]
    [TestCase("day", "column 'day' holds None (Int96); expected text, numbers, or true and false")]
    public void AColumnOfParquetThatHoldsNoTextIsAnError(string column, string message)
    {
        OtherParquet.Write(folder["a.parquet"], (Row[])[new() { text = "a" }]);

        Assert.That(() => Corpus.Open(new() { Paths = [folder["a.parquet"]], TextColumns = [column] }).Read().ToList(),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }

    [Test]
    public void PairsAreTwoTextColumns()
    {
        var file = folder.Write("a.tsv", "0.5\tone\ttwo\n4\tthree\tfour\n");

        Assert.That(Corpus.OpenPairs(new() { Paths = [file], TextColumns = ["2", "3"], LabelColumn = "1" }).Read().Select(row => row.Row),
            Is.EqualTo((TextPair[])[new("one", "two", "0.5"), new("three", "four", "4")]));
        Assert.That(() => Corpus.OpenPairs(new() { Paths = [file] }), Throws.ArgumentException.With.Message.Contains("two text columns").And.Message.Contains("0 are named"));
        Assert.That(Corpus.OpenPairs(new() { Paths = [file], TextColumns = ["2", "3", "1"] }).Read().Select(row => row.Row.Negative), Is.EqualTo((string[])["0.5", "4"]));
    }

    [TestCase("label,text\nx,a\n,b\n", "line 3 has no label")]
    [TestCase("label,text\nx,a\ny, \n", "line 3 has no text")]
    public void AnIncompleteRowIsAnErrorOrLeftOut(string file, string message)
    {
        CorpusOptions options = new() { Paths = [folder.Write("a.csv", file)] };

        Assert.That(() => Corpus.OpenLabelled(options).Read().ToList(), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"{message}. Complete the row"));
        Assert.That(Corpus.OpenLabelled(options with { SkipIncomplete = true }).Read().Single().Row, Is.EqualTo(new LabelledText("x", "a")));
    }

    [Test]
    public void OneLabelIsExpected() => Assert.That(
        () => Corpus.OpenLabelled(new() { Paths = [folder.Write("a.jsonl", """{"text":"a","label":["x","y"]}""")] }).Read().ToList(),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("line 1 has 2 labels (x, y); expected one"));

    [Test]
    public void ALabelIsNotTheTextThatWasNamed() => Assert.That(
        () => Corpus.OpenLabelled(new() { Paths = [folder.Write("a.tsv", "a text\tx\n")], TextColumns = ["1"] }).Read().ToList(),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("has fields 1 to 2; expected a column 'label'. Choose one with LabelColumn (--label-column)"));

    [Test]
    public void AnotherSeparatorAndQuotationInTsvAreOptions()
    {
        Assert.That(Corpus.Open(new() { Paths = [folder.Write("a.csv", "text;n\n\"a;b\";1\n")], Separator = ';' }).Read().Single().Row, Is.EqualTo("a;b"));
        Assert.That(Corpus.Open(new() { Paths = [folder.Write("a.tsv", "1\t\"a\n\tb\"\n")], TextColumns = ["2"], Quotes = true }).Read().Single().Row, Is.EqualTo("a\n\tb"));
    }
}
