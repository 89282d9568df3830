using System.IO.Compression;
using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>What is damaged or made to do harm is refused with its place, or read as what it says; memory stays small.</summary>
public sealed class CorpusDamageTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("a.csv", "label,text\nx,\"a\n", "a quoted field that is never closed")]
    [TestCase("a.csv", "label,text\nx,a\"b\n", "line 2")]
    [TestCase("a.csv", "label,text\nx,a\nx,b,c\n", "Record 3 (line 3) has 3 fields but 2 were expected")]
    [TestCase("a.csv", "label,text\nx,\"a\n\nb\"\ny\n", "(line 5) has 1 fields")]
    [TestCase("a.jsonl", "{\"label\":\"x\",\"text\":\"a\"}\n{\"label\":\"x\"", "line 2 is not valid JSON")]
    [TestCase("a.jsonl", "{\"label\":\"x\",\"text\":\"a\"} 1\n", "line 1 is not valid JSON")]
    [TestCase("a.jsonl", "{\"label\":\"x\",\"text\":\"\\ud800\"}\n", "line 1 is not valid JSON")]
    [TestCase("a.json", "[{\"label\":\"x\",\"text\":\"a\"},", "after row 1, is not valid JSON")]
    [TestCase("a.json", "[{\"label\":\"x\",\"text\":\"a\"}", "after row 1, is not valid JSON")]
    [TestCase("a.json", "[{\"label\":\"x\",\"text\":\"\\ud800\"}]", "row 1 holds text that is no Unicode")]
    [TestCase("a.parquet", "PAR1 and more", "can not be read as Parquet")]
    [TestCase("a.parquet", "", "can not be read as Parquet")]
    [TestCase("a.csv", "", "has no content")]
    [TestCase("a.csv", "label,text\n", "has no content")]
    [TestCase("a.json", "[]", "has no content")]
    public void DamageIsNamedWithItsPlace(string name, string file, string message) => AssertRefused(folder.Write(name, file), message);

    [TestCase("a.csv", "label,text\nx,", "\n")]
    [TestCase("a.csv", "label,text\nx,\"é,", "\"\n")]
    [TestCase("a.tsv", "x\ta\nx\t", "")]
    [TestCase("a.jsonl", "\n{\"label\":\"x\",\"text\":\"", "\"}")]
    [TestCase("a.conll", "\na ", " x\n")]
    public void BytesThatAreNotUtf8AreNamedWithTheirPlace(string name, string before, string after)
    {
        var path = folder.Write(name, [.. Encoding.UTF8.GetBytes(before), 0xE9, .. Encoding.UTF8.GetBytes(after)]);

        Assert.That(() => Corpus.Open(new() { Paths = [path] }).Read().ToList(), Throws.TypeOf<InvalidDataException>().With.Message.Contains(
            $"'{path}', line 2, byte {Encoding.UTF8.GetByteCount(before)} of the file: 0xE9 is not valid UTF-8"));
    }

    [Test]
    public void ACompressedFileThatBreaksOffIsNotTakenForAWholeOne([Values(".gz", ".zst", ".br")] string compression, [Values(0.001, 0.4, 0.9, 1)] double share)
    {
        var random = new Random(3);
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(_ => $"{random.Next()} {random.NextDouble()}\n"));
        var whole = OtherProgram.Compress(folder.Write("a.txt", text), compression);
        var bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(whole, bytes[..Math.Min(bytes.Length - 1, (int)(bytes.Length * share))]);

        Assert.That(() => Corpus.ReadLines(whole).Count(), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith($"'{whole}' can not be decompressed as "));
    }

    [Test]
    public void DamageInsideACompressedFileIsAnError([Values(".gz", ".zst", ".br")] string compression)
    {
        var whole = OtherProgram.Compress(folder.Write("a.txt", string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i * 7919 % 5003}\n"))), compression);
        var (bytes, lines) = (File.ReadAllBytes(whole), 0);
        var random = new Random(4);
        for (var i = 0; i < 50; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(10, bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(whole, damaged);
            try
            {
                lines += Corpus.ReadLines(whole).Count();
            }
            catch (InvalidDataException)
            {
                // as it should be; Brotli and the tool's Zstandard without checksum may not notice, and then give other text
            }
        }
        Assert.That(compression == ".gz" ? lines : 0, Is.Zero);
    }

    [TestCase("a.txt.gz", "", "", "line 1 is longer than 67,108,864 bytes")]
    [TestCase("a.jsonl.gz", "{\"text\":\"", "", "line 1 is longer than 67,108,864 bytes")]
    [TestCase("a.json.gz", "[{\"text\":\"b\"},{\"text\":\"", "\"}]", "row 2 is longer than 67,108,864 bytes")]
    [TestCase("a.csv.gz", "text\n\"", "\"\n", "Record 2 is longer than MaxRecordSize (67108864 bytes)")]
    public void ABombIsReadAsAStreamAndItsLineIsTooLong(string name, string before, string after, string message)
    {
        using (var bomb = new GZipStream(File.Create(folder[name]), CompressionLevel.SmallestSize))
        {
            bomb.Write(Encoding.UTF8.GetBytes(before));
            var block = new byte[1 << 20];
            Array.Fill(block, (byte)'a');
            for (var i = 0; i < 80; i++)
            {
                bomb.Write(block);
            }
            bomb.Write(Encoding.UTF8.GetBytes(after));
        }
        AssertRefused(folder[name], message);
    }

    [Test]
    public void AJsonArrayOfOneLineMayBeLongerThanALine()
    {
        int[] lengths = [1, 40 << 20, .. Enumerable.Repeat(1 << 20, 30), .. Enumerable.Repeat(1000, 70_000)];      // small rows after one that needs a large buffer
        using (var file = new StreamWriter(folder["a.json"]))
        {
            file.Write("[");
            foreach (var (i, length) in lengths.Index())
            {
                file.Write($"{(i > 0 ? "," : "")}{{\"text\":\"{new string('a', length)}\"}}");
            }
            file.Write("]");
        }

        Assert.That(Corpus.Open(new() { Paths = [folder["a.json"]] }).Read().Select(row => row.Row.Length), Is.EqualTo(lengths));
    }

    [Test]
    public void DeepNestingIsRefused() => AssertRefused(folder.Write("a.jsonl", $$"""{"text":{{new string('[', 10_000)}}"""), "line 1 is not valid JSON");

    [Test]
    public void AThousandDamagedParquetFilesAreReadOrRefused()
    {
        OtherParquet.Write(folder["good.parquet"], Enumerable.Range(0, 40).Select(i => new LabelledText($"{i % 3}", $"text {i}")), groupSize: 20);
        var good = File.ReadAllBytes(folder["good.parquet"]);
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            byte[] bytes = [.. good.AsSpan(0, random.Next(4) > 0 ? good.Length : random.Next(good.Length))];
            for (var flips = 1 + random.Next(3); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }
            try
            {
                Assert.That(Corpus.Open(new() { Paths = [folder.Write("damaged.parquet", bytes)] }).Read().Count(), Is.LessThanOrEqualTo(40));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.That(refused, Is.GreaterThan(300));
    }

    static void AssertRefused(string path, string message) => Assert.That(() => Corpus.Open(new() { Paths = [path] }).Read().ToList(),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith($"'{path}'").And.Message.Contains(message));
}
