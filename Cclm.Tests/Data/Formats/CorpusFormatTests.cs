using System.Text.Json;
using Cclm.Training.Data;
using NUnit.Framework;
using Parquet;

namespace Cclm.Tests.Data;

/// <summary>One table of rows, written by other programs in every format and compression, reads the same.</summary>
public sealed class CorpusFormatTests
{
    static readonly LabelledText[] Rows =
    [
        new("news", "Buy \"now\", pay later; 5% off"), new("größe", " é😀 \\n "), new("news", "x"),
        .. Enumerable.Range(0, 997).Select(i => new LabelledText($"label {i % 7}", $"the {i}th text, of about {i * 37 % 101} words")),
    ];

    const string Writer = """
        import csv, json, sys
        rows = json.load(open(sys.argv[1], encoding="utf-8-sig"))
        kind, path = sys.argv[2], sys.argv[3]
        with open(path, "w", encoding="utf-8-sig" if kind == "csv-bom" else "utf-8", newline="") as file:
            if kind == "json":
                json.dump([{"id": i, "label": r["Label"], "text": r["Text"]} for i, r in enumerate(rows)], file)
            elif kind == "json-indented":
                json.dump([{"label": r["Label"], "text": r["Text"], "more": {"a": [1, None]}} for r in rows], file, ensure_ascii=False, indent=2)
            elif kind == "jsonl":
                file.writelines(json.dumps({"text": r["Text"], "label": r["Label"]}) + "\n" for r in rows)
            elif kind.startswith("csv"):
                lines = csv.writer(file, lineterminator="\n" if kind == "csv-lf" else "\r\n", quoting=csv.QUOTE_ALL if kind == "csv-bom" else csv.QUOTE_MINIMAL)
                lines.writerow(["id", "text", "label"])
                lines.writerows([i, r["Text"], r["Label"]] for i, r in enumerate(rows))
            else:
                file.writelines(r["Label"] + "\t" + r["Text"] + "\r\n" for r in rows)
        """;

    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void EveryFormatAndCompressionHoldsTheSameRows(
        [Values("json", "json-indented", "jsonl", "csv", "csv-bom", "csv-lf", "tsv")] string kind, [Values("", ".gz", ".zst", ".br")] string compression)
    {
        var file = OtherProgram.Compress(Write(kind, Rows), compression);
        var source = Corpus.OpenLabelled(new() { Paths = [file] });

        Assert.That(source.Read().Select(row => row.Row), Is.EqualTo(Rows));
        Assert.That(source.Read().Select(row => row.Number), Is.EqualTo(Enumerable.Range(0, Rows.Length)));
        Assert.That(Corpus.Open(new() { Paths = [file] }).Read().Select(row => row.Row), Is.EqualTo(Rows.Select(row => row.Text)));
    }

    [Test]
    public void ParquetOfAnotherLibraryHoldsTheSameRows(
        [Values(CompressionMethod.None, CompressionMethod.Snappy, CompressionMethod.Gzip, CompressionMethod.Brotli, CompressionMethod.Zstd, CompressionMethod.Lz4Raw)] CompressionMethod compression,
        [Values(3, 333, 1000)] int groupSize)
    {
        OtherParquet.Write(folder["rows.parquet"], Rows, compression, groupSize);

        var source = Corpus.OpenLabelled(new() { Paths = [folder["rows.parquet"]] });

        Assert.That(source.Read().Select(row => row.Row), Is.EqualTo(Rows));
    }

    [Test]
    public void ReadingFromARowIsReadingAllAndDroppingTheOnesBefore(
        [Values("json", "jsonl", "csv", "tsv", "parquet")] string kind, [Values(0, 1, 2, 331, 332, 333, 999, 1000, 5000)] int from)
    {
        OtherParquet.Write(folder["rows.parquet"], Rows, groupSize: 111);
        var file = kind == "parquet" ? folder["rows.parquet"] : Write(kind, Rows);
        var source = Corpus.OpenLabelled(new() { Paths = [file] });

        Assert.That(source.Read(from), Is.EqualTo(Rows.Index().Select(row => ((long)row.Index, row.Item)).Skip(from)));
    }

    [TestCase("csv")]
    [TestCase("csv-lf")]
    [TestCase("jsonl")]
    [TestCase("json")]
    public void ATextMayHoldLineEndsAndWhatTheFormatIsMadeOf(string kind)
    {
        LabelledText[] rows = [new("a", "one\ntwo\r\n\n\"three\"\t,"), new("b", "\"\""), new("c", "{}[]\\\u2028\0")];

        Assert.That(Corpus.OpenLabelled(new() { Paths = [Write(kind, rows)] }).Read().Select(row => row.Row), Is.EqualTo(rows));
    }

    [TestCase("rows.csv", ".gz", "rows.csv")]
    [TestCase("rows.csv", ".zst", "rows.csv")]
    public void CompressionIsSeenInTheBytesWhereTheNameDoesNotSayIt(string name, string compression, string renamed)
    {
        var file = OtherProgram.Compress(folder.Write(name, "label,text\r\na,\"b, c\"\r\n"), compression);
        File.Move(file, folder[renamed]);

        Assert.That(Corpus.OpenLabelled(new() { Paths = [folder[renamed]] }).Read().Single().Row, Is.EqualTo(new LabelledText("a", "b, c")));
    }

    [Test]
    public void CompressedFilesMayBeJoined([Values(".gz", ".zst")] string compression)
    {
        var (one, two) = (OtherProgram.Compress(folder.Write("1.txt", "one\n"), compression), OtherProgram.Compress(folder.Write("2.txt", "two\n"), compression));
        var both = folder.Write($"both.txt{compression}", [.. File.ReadAllBytes(one), .. File.ReadAllBytes(two)]);

        Assert.That(Corpus.ReadLines(both), Is.EqualTo((string[])["one", "two"]));
    }

    string Write(string kind, LabelledText[] rows)
    {
        File.WriteAllText(folder["rows"], JsonSerializer.Serialize(rows));
        var file = folder[$"rows.{kind.Split('-')[0]}"];
        OtherProgram.Python(Writer, folder["rows"], kind, file);
        return file;
    }
}
