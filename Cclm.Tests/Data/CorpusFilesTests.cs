using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class CorpusFilesTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        folder = new();
        foreach (var name in (string[])["a.txt", "b/c.txt", "b/d.jsonl", "b/B.txt", "b/e.bin", ".hidden.txt", "b/.git/f.txt", "README.md"])
        {
            folder.Write(name, name.EndsWith("jsonl", StringComparison.Ordinal) ? $$"""{"text":"{{name}}"}""" : $"{name}\n");
        }
    }

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("a.txt", "a.txt")]
    [TestCase("b/e.bin", "b/e.bin")]
    [TestCase("", "a.txt b/B.txt b/c.txt b/d.jsonl")]
    [TestCase("b", "b/B.txt b/c.txt b/d.jsonl")]
    [TestCase("*.txt", "a.txt")]
    [TestCase("**/*.txt", "a.txt b/B.txt b/c.txt")]
    [TestCase("b/*.jsonl", "b/d.jsonl")]
    [TestCase("b/* a.txt", "b/B.txt b/c.txt b/d.jsonl b/e.bin a.txt")]
    [TestCase("a.txt a.txt", "a.txt a.txt")]
    public void PathsAreFilesFoldersAndPatterns(string paths, string texts)
    {
        var source = Corpus.Open(new() { Paths = [.. paths.Split(' ').Select(path => Path.Combine(folder.Path, path))] });

        Assert.That(source.Read().Select(row => row.Row), Is.EqualTo(texts.Split(' ')));
        Assert.That(source.Read().Select(row => row.Number), Is.EqualTo(Enumerable.Range(0, texts.Split(' ').Length)));
    }

    [Test]
    public void PatternsMayBeRelative()
    {
        using var there = new CurrentFolder(folder.Path);

        Assert.That(Corpus.Open(new() { Paths = ["**/*.txt"] }).Read().Select(row => row.Row), Is.EqualTo((string[])["a.txt", "b/B.txt", "b/c.txt"]));
    }

    [Test]
    public void AFileWhoseNameLooksLikeAPatternIsTheFile() =>
        Assert.That(Corpus.ReadLines(folder.Write("*.txt", "star")), Is.EqualTo((string[])["star"]));

    [Test]
    public void ALinkThatLeadsInACircleIsNotFollowed()
    {
        Directory.CreateSymbolicLink(folder["b/up"], folder.Path);
        File.CreateSymbolicLink(folder["z.txt"], folder["b/e.bin"]);

        Assert.That(Corpus.Open(new() { Paths = [folder.Path] }).Read().Select(row => row.Row), Is.EqualTo((string[])["a.txt", "b/B.txt", "b/c.txt", "b/d.jsonl", "b/e.bin"]));
    }

    [TestCase("none.txt", "There is no file '")]
    [TestCase("none/*.txt", "matches no file below '")]
    [TestCase("*.csv", "matches no file below '")]
    [TestCase("none", "There is no file '")]
    public void APathThatNamesNothingIsAnErrorAtOnce(string path, string message) => Assert.That(
        () => Corpus.Open(new() { Paths = [Path.Combine(folder.Path, path)] }), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(message));

    [Test]
    public void AFolderWithoutDataIsAnError()
    {
        Directory.Move(folder["b"], folder["other"]);
        Directory.CreateDirectory(folder["empty"]);
        folder.Write("code/x.py", "x = 1");

        Assert.That(() => Corpus.Open(new() { Paths = [folder["empty"]] }), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("holds no files"));
        Assert.That(() => Corpus.Open(new() { Paths = [folder["code"]] }), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("holds no data among its 1 files, such as '"));
        Assert.That(Corpus.Open(new() { Paths = [folder["code"]], Format = CorpusFormat.Lines }).Read().Single().Row, Is.EqualTo("x = 1"));
        Assert.That(() => Corpus.Open(new() { Paths = [] }), Throws.ArgumentException.With.Message.Contains("at least one file"));
    }

    [Test]
    public void ReadingFromARowGoesPastWholeFiles([Values(0, 1, 3, 4, 5, 6, 7, 8, 100)] int from, [Values] bool readBefore)
    {
        string[] files = ["a b\n\nc\n", "d\n", "\n", "e\nf"];          // rows 0 1 2 | 3 | 4 | 5 6
        var source = Corpus.Open(new() { Paths = [.. files.Select((file, i) => folder.Write($"{i}.txt", file))] });
        (long Number, string)[] all = [(0, "a b"), (2, "c"), (3, "d"), (5, "e"), (6, "f")];
        if (readBefore)
        {
            Assert.That(source.Read(), Is.EqualTo(all));
        }

        Assert.That(source.Read(from), Is.EqualTo(all.Where(row => row.Number >= from)));
    }

    [Test]
    public void AnEpochPutsFilesInAnotherOrderAndLosesNothing()
    {
        var source = Corpus.Open(new() { Paths = [.. Enumerable.Range(0, 9).Select(i => folder.Write($"{i}.txt", $"{i} first\n{i} last\n"))] });
        List<string>[] orders = [.. Enumerable.Range(0, 5).SelectMany(epoch => Enumerable.Range(1, 2).Select(seed => Read(seed, epoch, 0)))];

        Assert.That(orders.Select(order => string.Join(' ', order)), Is.Unique);
        Assert.That(orders, Has.All.EquivalentTo(Read(1, 0, 0)));
        Assert.That(orders[0].Chunk(2).Select(pair => (pair[0][0], pair[1][0])), Has.All.Matches<(char, char)>(pair => pair.Item1 == pair.Item2));
        Assert.That(Read(1, 3, 7), Is.EqualTo(Read(1, 3, 0).Skip(7)), "from a row of an epoch");
        Assert.That(Read(1, 3, 0), Is.EqualTo(orders[6]), "seed and epoch are all there is to it");

        List<string> Read(int seed, int epoch, long from) => [.. source.InEpoch(seed, epoch).Read(from).Select(row => row.Row)];
    }

    [Test]
    public void WhatCanBeReadOnceIsKeptInAFileThatHasNoName()
    {
        var before = Directory.GetFiles(Path.GetTempPath(), "cclm-*.tmp");
        using var spooled = new SpooledInput(new MemoryStream("one\ntwo\n"u8.ToArray()));
        using var first = new StreamReader(spooled.Open());
        Assert.That(first.ReadLine(), Is.EqualTo("one"));
        using (var second = new StreamReader(spooled.Open()))
        {
            Assert.That(second.ReadToEnd(), Is.EqualTo("one\ntwo\n"));
        }

        Assert.That(first.ReadToEnd(), Is.EqualTo("two\n"));
        Assert.That(OperatingSystem.IsWindows() || Directory.GetFiles(Path.GetTempPath(), "cclm-*.tmp").Except(before).Any() is false);
    }
}
