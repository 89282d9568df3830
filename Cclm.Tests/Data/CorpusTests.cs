using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class CorpusTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("one", "one")]
    [TestCase("one\n", "one")]
    [TestCase("one\ntwo", "one|two")]
    [TestCase("one\r\ntwo\r\n", "one|two")]
    [TestCase("\uFEFFone\ntwo", "one|two")]
    [TestCase("\uFEFF\none\n\uFEFFtwo", "one|\uFEFFtwo")]
    [TestCase("\n\none\n \t\n\r\n  two  \n\n", "one|  two  ")]
    [TestCase("one\rtwo\u0085three\u2028four\u000Bfive\n", "one\rtwo\u0085three\u2028four\u000Bfive")]
    [TestCase("a\0b\n😀 é\n\uFFFD", "a\0b|😀 é|\uFFFD")]
    public void LinesAreReadWithoutTheirEndsAndOtherwiseAsTheyAre(string file, string lines) =>
        Assert.That(Corpus.ReadLines(folder.Write("file", file)), Is.EqualTo(lines.Split('|')));

    [TestCase(65_535)]
    [TestCase(65_536)]
    [TestCase(65_537)]
    [TestCase(1_000_003)]
    public void LinesLongerThanTheBufferAreReadWhole(int length)
    {
        string[] lines = [new('a', length), "b", string.Concat(Enumerable.Repeat("é😀", length / 6)), new('c', length - 3)];

        Assert.That(Corpus.ReadLines(folder.Write("file", string.Join("\r\n", lines))), Is.EqualTo(lines));
    }

    [TestCase("", 1, 0)]
    [TestCase("one\ntwo ", 2, 8)]
    [TestCase("one\r\n\r\nè", 3, 9)]
    public void BytesThatAreNotUtf8AreNamedWithTheirPlace(string before, int line, int at)
    {
        var path = folder.Write("file", [.. Encoding.UTF8.GetBytes(before), 0xE9, (byte)'x', (byte)'\n']);

        Assert.That(() => Corpus.ReadLines(path).ToList(), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo(
            $"'{path}', line {line}, byte {at} of the file: 0xE9 is not valid UTF-8. Convert the file, for example: iconv -f WINDOWS-1252 -t UTF-8 '{path}' > utf8.txt"));
    }

    [TestCase(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'a', 0xC0, 0x80 }, 4)]       // after a byte order mark; overlong
    [TestCase(new byte[] { (byte)'a', 0xED, 0xA0, 0x80 }, 1)]                   // a surrogate
    [TestCase(new byte[] { (byte)'a', (byte)'b', 0xF0, 0x9F, 0x98 }, 2)]        // cut off by the end of the file
    [TestCase(new byte[] { (byte)'a', 0xF0, 0x9F, (byte)'\n', 0x98, 0x80 }, 1)] // and by the end of a line
    [TestCase(new byte[] { 0xF4, 0x90, 0x80, 0x80 }, 0)]                        // above U+10FFFF
    public void NoMalformedSequencePasses(byte[] file, int at) => Assert.That(() => Corpus.ReadLines(folder.Write("file", file)).ToList(),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains($"line 1, byte {at} of the file: 0x"));

    [Test]
    public void APlaceFarIntoTheFileIsCountedRight()
    {
        byte[] file = [.. Enumerable.Repeat("0123456789\n"u8.ToArray(), 20_000).SelectMany(line => line), (byte)'a', 0xFF];

        Assert.That(() => Corpus.ReadLines(folder.Write("file", file)).Count(),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("line 20001, byte 220001 of the file: 0xFF"));
    }

    [Test]
    public void Utf16IsRecognised()
    {
        var path = folder.Write("file", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("one\ntwo")]);

        Assert.That(() => Corpus.ReadLines(path).ToList(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("iconv -f UTF-16 -t UTF-8"));
    }

    [TestCase("", "has no content")]
    [TestCase("\n", "has only blank lines")]
    [TestCase(" \r\n\t\n\n", "has only blank lines")]
    [TestCase("\uFEFF", "has only blank lines")]
    public void AFileWithoutTextIsAnError(string file, string message)
    {
        var path = folder.Write("file", file);

        Assert.That(() => Corpus.ReadLines(path).ToList(), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{path}' {message}; expected lines of text"));
    }

    [Test]
    public void AMissingFileAndAFolderAreErrorsAtOnce()
    {
        Assert.That(() => Corpus.ReadLines(folder["none"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains($"no file '{folder["none"]}'; expected a text file"));
        Assert.That(() => Corpus.ReadLines(folder.Path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("is a folder; expected a text file"));
        Assert.That(() => Corpus.ReadLabelled(folder["none"]), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void LabelsEndAtTheFirstTab() => Assert.That(
        Corpus.ReadLabelled(folder.Write("file", "spam\tBuy\tnow\r\n\nnot spam\t see you \n")),
        Is.EqualTo((LabelledText[])[new("spam", "Buy\tnow"), new("not spam", " see you ")]));

    [TestCase("a\tb\n\nno tab here\n", "line 3 has no tab; expected label<TAB>text")]
    [TestCase("a\tb\n \ttext\n", "line 2 has no label. Complete the row")]
    [TestCase("a\t \n", "line 1 has no text. Complete the row")]
    public void ALineWithoutLabelOrTextIsNamed(string file, string message)
    {
        var path = folder.Write("file", file);

        Assert.That(() => Corpus.ReadLabelled(path).ToList(), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{path}', {message}"));
    }
}
