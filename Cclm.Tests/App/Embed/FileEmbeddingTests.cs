using System.Text.Json;
using Cclm.Inference;
using Cclm.Tests.Data;
using Cclm.Tests.Inference;
using Cclm.Training.App;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>Files of texts to files of vectors.</summary>
public sealed class FileEmbeddingTests
{
    static readonly string[] Inputs = ["in.txt", "in.jsonl", "in.csv", "in.tsv", "in.parquet", "in.txt.gz"];

    [Test]
    public void EveryRowHasItsVectorInItsPlace([ValueSource(nameof(Inputs))] string input, [Values("out.npy", "out.jsonl", "out.parquet")] string output, [Values(1, 7, 4099)] int rows)
    {
        using var folder = new EmbeddingFolder();
        folder.Input(input, rows);
        var (id, text) = output == "out.npy" ? (null, false) : (input.StartsWith("in.txt", StringComparison.Ordinal) ? null : "id", true);
        var job = folder.Job(input, output, idColumn: id, withText: text);
        var result = EmbeddingFolder.Run(job with { Source = job.Source with { TextColumns = input == "in.tsv" ? ["text"] : [] } });       // which says that there is a header
        var found = EmbeddingFolder.Read(folder[output]);
        Assert.That(found.Select(row => row.Row), Is.EqualTo(Enumerable.Range(0, rows)));
        Assert.That(found.Select(row => row.Vector), Is.EqualTo(Enumerable.Range(0, rows).Select(row => EmbeddingFolder.Vector(row))).Within(1e-6f));
        Assert.That(found.Select(row => row.Text), Is.EqualTo(Enumerable.Range(0, rows).Select(row => text ? EmbeddingFolder.Text(row) : null)));
        Assert.That(found.Select(row => row.Id), Is.EqualTo(Enumerable.Range(0, rows).Select(row => id is null ? null : $"n{row}")));
        Assert.That((result.Rows, result.Dimensions, result.CutTexts), Is.EqualTo(((long)rows, 5, EmbeddingFolder.CutTexts(rows))));
        Assert.That(result.Sha256, Is.EqualTo(FileHash.Of(folder[output])));
        Assert.That(folder.Names, Is.EquivalentTo((string[])["model.onnx", input, output, $"{output}.manifest.json"]), "Nothing else is left.");
    }

    [TestCase(1, 3, 1)]
    [TestCase(4, 700, 5)]
    [TestCase(8, 5, 5)]
    public void ShardsInOrderAreTheWhole(int count, int rows, int nonEmpty)
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", rows);
        foreach (var output in (string[])["v.npy", "v.parquet", "v.jsonl"])
        {
            EmbeddingFolder.Run(folder.Job("in.txt", output));
            var shards = Enumerable.Range(1, count).Select(number => EmbeddingFolder.Run(folder.Job("in.txt", output, new Shard(number, count)))).ToList();
            Assert.That(shards.Sum(shard => shard.Rows), Is.EqualTo(rows));
            Assert.That(shards.Count(shard => shard.Rows > 0), Is.EqualTo(Math.Min(nonEmpty, count)));
            var joined = shards.Where(shard => shard.Rows > 0).SelectMany(shard => EmbeddingFolder.Read(folder[shard.File])).ToList();
            var whole = EmbeddingFolder.Read(folder[output]);
            Assert.That(joined.Select(row => row.Vector), Is.EqualTo(whole.Select(row => row.Vector)).Within(1e-6f));
            Assert.That(output == "v.npy" || joined.Select(row => row.Row).SequenceEqual(whole.Select(row => row.Row)), Is.True);
        }
        Assert.That(File.ReadAllText(folder["v.jsonl"]).Split('\n'), Has.Length.EqualTo(rows + 1));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(301)]
    public void NumpyReadsTheArray(int rows)
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", Math.Max(rows, 1));
        var result = EmbeddingFolder.Run(folder.Job("in.txt", "v.npy", rows == 0 ? new Shard(1, 2) : null));
        OtherProgram.SystemPython("""
            import sys, numpy, hashlib
            vectors = numpy.load(sys.argv[1], allow_pickle=False)
            assert vectors.shape == (int(sys.argv[2]), 5), vectors.shape
            assert vectors.dtype == numpy.dtype("<f4") and vectors.flags.c_contiguous, vectors.dtype
            assert numpy.lib.format.read_magic(open(sys.argv[1], "rb")) == (1, 0)
            assert (open(sys.argv[1], "rb").read().index(b"\n") + 1) % 64 == 0
            if len(vectors) > 0:
                assert numpy.allclose(vectors[-1], [float(number) for number in sys.argv[3].split()], atol=1e-6)
            """, folder[result.File], $"{rows}", string.Join(' ', EmbeddingFolder.Vector(rows - 1 < 0 ? 0 : rows - 1).Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Test]
    public void BlankLinesOfTextAreRowsAndNullsAreAnErrorThatNamesThem()
    {
        using var folder = new EmbeddingFolder();
        File.WriteAllText(folder["in.txt"], "a\n\n   \nb");
        File.WriteAllText(folder["in.jsonl"], """{"text":"a"}""" + "\n" + """{"text":null}""" + "\n" + """{"text":""}""" + "\n");
        Assert.That(EmbeddingFolder.Run(folder.Job("in.txt", "a.npy")).Rows, Is.EqualTo(4));
        Assert.That(() => EmbeddingFolder.Run(folder.Job("in.jsonl", "b.npy")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("in.jsonl', line 2").And.Message.Contains("--skip-incomplete"));
        var job = folder.Job("in.jsonl", "c.jsonl");
        EmbeddingFolder.Run(job with { Source = job.Source with { SkipIncomplete = true } });
        Assert.That(EmbeddingFolder.Read(folder["c.jsonl"]).Select(row => row.Row), Is.EqualTo((long[])[0, 2]), "A row keeps its number.");
        Assert.That(File.Exists(folder["b.npy"]), Is.False);
    }

    [Test]
    public void RowsOfSeveralFilesAreNumberedThrough()
    {
        using var folder = new EmbeddingFolder();
        Directory.CreateDirectory(folder["in"]);
        File.WriteAllText(folder["in/a.txt"], "a\nb\n");
        File.WriteAllText(folder["in/b.jsonl"], """[{"text":"c"},{"text":"d"}]""");
        File.WriteAllText(folder["in/c.csv"], "text\ne\nf\n");
        for (var number = 1; number <= 3; number++)
        {
            var result = EmbeddingFolder.Run(folder.Job("in", "v.jsonl", new Shard(number, 3), withText: true));
            Assert.That(EmbeddingFolder.Read(folder[result.File]).Select(row => (row.Row, row.Text)),
                Is.EqualTo(((long, string)[])[((number * 2) - 2, $"{"abcdef"[(number * 2) - 2]}"), ((number * 2) - 1, $"{"abcdef"[(number * 2) - 1]}")]));
        }
        Assert.That(() => EmbeddingFolder.Run(folder.Job("in", "in/v.jsonl")), Throws.ArgumentException.With.Message.Contains("would read it too"));
        var beside = folder.Job("in", "v.jsonl");
        Assert.That(() => EmbeddingFolder.Run(beside with { Source = beside.Source with { Paths = [folder["*.jsonl"]] } }), Throws.ArgumentException.With.Message.Contains("v-00001-of-00003.jsonl' is read"));
    }

    [Test]
    public void NumbersThatAreNoneAreAnErrorThatSaysWhere()
    {
        using var folder = new EmbeddingFolder();
        File.WriteAllBytes(folder["bad.onnx"], new TinyModel { Characters = "bz", Poisoned = "b" }.Bytes());
        File.WriteAllText(folder["in.txt"], string.Concat(Enumerable.Repeat("z\n", 5000)) + "b\n");
        var job = folder.Job("in.txt", "v.npy") with { Model = folder["bad.onnx"] };
        Assert.That(() => EmbeddingFolder.Run(job), Throws.TypeOf<InvalidDataException>().With.Message.Contains("rows from 4,096 on").And.Message.Contains("NaN"));
    }

    [TestCase(0)]
    [TestCase(3)]
    public void LongTextsAreEmbeddedInPieces(int overlap)
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 60);
        var job = folder.Job("in.txt", "v.npy") with { Options = new() { Threads = 1, LongText = LongText.Chunk, ChunkOverlap = overlap } };
        var result = EmbeddingFolder.Run(job);
        using var model = CclmModel.Load(folder["model.onnx"], job.Options);
        Assert.That(EmbeddingFolder.Read(folder["v.npy"]).Select(row => row.Vector), Is.EqualTo(model.Embed([.. Enumerable.Range(0, 60).Select(row => EmbeddingFolder.Text(row))])).Within(1e-6f));
        Assert.That(result.CutTexts, Is.EqualTo(EmbeddingFolder.CutTexts(60)).And.GreaterThan(0), "those in pieces are counted");
        Assert.That(EmbeddingFolder.Run(job), Is.EqualTo(result), "It is done.");
        var other = job with { Options = new() { Threads = 1, LongText = LongText.Chunk, ChunkOverlap = overlap + 1 } };
        Assert.That(() => EmbeddingFolder.Run(other), Throws.TypeOf<IOException>().With.Message.Contains($"chunkOverlap was {overlap} and is {overlap + 1}"));
    }

    [Test]
    public void ALongTextThatIsAnErrorIsNamedByItsRow()
    {
        using var folder = new EmbeddingFolder();
        File.WriteAllText(folder["in.txt"], string.Concat(Enumerable.Repeat("abcdefgh\n", 5000)) + "abcdefghi\n");
        var job = folder.Job("in.txt", "v.npy") with { Options = new() { Threads = 1, LongText = LongText.Error } };
        Assert.That(() => EmbeddingFolder.Run(job), Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 5,000, counted from 0 through all inputs, has 9 characters; the model reads 8").And.Message.Contains("--long-text"));
    }

    [Test]
    public void ABadRowIsAnErrorOfItsOwnShard()
    {
        using var folder = new EmbeddingFolder();
        File.WriteAllText(folder["in.jsonl"], """{"text":"a"}""" + "\n" + """{"text":"b"}""" + "\n{oops\n" + """{"text":"d"}""" + "\n");
        Assert.That(EmbeddingFolder.Run(folder.Job("in.jsonl", "v.npy", new Shard(1, 2))).Rows, Is.EqualTo(2));
        Assert.That(() => EmbeddingFolder.Run(folder.Job("in.jsonl", "v.npy", new Shard(2, 2))), Throws.TypeOf<InvalidDataException>().With.Message.Contains("in.jsonl', line 3"));
    }

    [Test]
    public void WhatIsDoneIsSkippedAndWhatIsSomethingElseIsRefused()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 50);
        var job = folder.Job("in.txt", "v.parquet");
        var result = EmbeddingFolder.Run(job);
        var written = Written();
        Assert.That(EmbeddingFolder.Run(job), Is.EqualTo(result));
        Assert.That(Written(), Is.EqualTo(written), "Nothing was written again.");
        foreach (var (other, expected) in (IEnumerable<(FileEmbedding, string)>)[
            (job with { WithText = true }, "withText was false and is true"),
            (job with { Tower = "left" }, "tower was not set and is \"left\""),
            (job with { Options = new() { BatchCharacters = 99 } }, "batchCharacters was 0 and is 99"),
            (job with { Options = new() { LongText = LongText.Chunk } }, "longText was \"truncate\" and is \"chunk\"; chunkOverlap was not set and is 32"),
            (job with { Options = new() { LongText = LongText.Error } }, "longText was \"truncate\" and is \"error\""),
            (job with { Source = job.Source with { SkipIncomplete = true } }, "skipIncomplete")])
        {
            Assert.That(() => EmbeddingFolder.Run(other), Throws.TypeOf<IOException>().With.Message.Contains(expected).And.Message.Contains("--replace"));
        }
        File.AppendAllText(folder["in.txt"], "more\n");
        Assert.That(() => EmbeddingFolder.Run(job), Throws.TypeOf<IOException>().With.Message.Contains("in.txt has other content"));
        Assert.That(EmbeddingFolder.Run(job with { Replace = true }).Rows, Is.EqualTo(51));
        File.AppendAllText(folder["v.parquet"], "x");
        Assert.That(() => EmbeddingFolder.Run(job), Throws.TypeOf<IOException>().With.Message.Contains("has changed"));
        File.Delete(folder["v.parquet"]);
        Assert.That(EmbeddingFolder.Run(job).Rows, Is.EqualTo(51), "It is made again.");

        DateTime Written() => File.GetLastWriteTimeUtc(folder["v.parquet"]);
    }

    [Test]
    public void AFileOfSomebodyElseStays()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 5);
        File.WriteAllText(folder["v.npy"], "precious");
        Assert.That(() => EmbeddingFolder.Run(folder.Job("in.txt", "v.npy")), Throws.TypeOf<IOException>().With.Message.Contains("no manifest"));
        Assert.That(File.ReadAllText(folder["v.npy"]), Is.EqualTo("precious"));
        File.WriteAllText(folder["v.npy.manifest.json"], """{"format":"other","formatVersion":1,"job":{},"result":null}""");
        Assert.That(() => EmbeddingFolder.Run(folder.Job("in.txt", "v.npy")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no manifest of this version"));
        Assert.That(EmbeddingFolder.Run(folder.Job("in.txt", "v.npy", replace: true)).Rows, Is.EqualTo(5));
    }

    [Test]
    public void NamesAreRefusedBeforeAnythingIsRead()
    {
        using var folder = new EmbeddingFolder();
        Assert.That(() => EmbeddingFolder.Run(folder.Job("nowhere.txt", "v.csv")), Throws.ArgumentException.With.Message.Contains(".parquet or .jsonl or .npy"));
        Assert.That(() => EmbeddingFolder.Run(folder.Job("nowhere.txt", "v.npy", withText: true)), Throws.ArgumentException.With.Message.Contains("--with-text"));
        Assert.That(() => EmbeddingFolder.Run(folder.Job("nowhere.txt", "v.npy", idColumn: "id")), Throws.ArgumentException.With.Message.Contains("--id-column"));
        Assert.That(() => EmbeddingFolder.Run(folder.Job("nowhere.txt", "v.npy")), Throws.InstanceOf<FileNotFoundException>());
        File.WriteAllText(folder["empty.txt"], "");
        Assert.That(() => EmbeddingFolder.Run(folder.Job("empty.txt", "v.npy")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no content"));
        folder.Input("in.csv", 3);
        Assert.That(() => EmbeddingFolder.Run(folder.Job("in.csv", "v.jsonl", idColumn: "key")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'key'").And.Message.Contains("--id-column"));
        Assert.That(folder.Names, Has.None.Matches<string>(name => name is "v.npy" or "v.jsonl"));
    }

    [Test]
    public void OneProcessAtATimeWorksOnAnOutput()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 5);
        using (new EmbeddingOutput(folder["v.npy"]).Lock())
        {
            Assert.That(() => EmbeddingFolder.Run(folder.Job("in.txt", "v.npy")), Throws.TypeOf<IOException>().With.Message.Contains("another process"));
        }
        Assert.That(EmbeddingFolder.Run(folder.Job("in.txt", "v.npy")).Rows, Is.EqualTo(5));
        Assert.That(folder.Names, Is.EquivalentTo((string[])["in.txt", "model.onnx", "v.npy", "v.npy.manifest.json"]));
    }

    [Test]
    public void TheManifestSaysWhatWasMadeOfWhat()
    {
        using var folder = new EmbeddingFolder();
        folder.Input("in.txt", 9);
        var result = EmbeddingFolder.Run(folder.Job("in.txt", "v.npy", new Shard(2, 3)));
        var manifest = JsonDocument.Parse(File.ReadAllBytes(folder["v-00002-of-00003.npy.manifest.json"])).RootElement;
        Assert.That(manifest.GetProperty("job").GetProperty("model").GetProperty("sha256").GetString(), Is.EqualTo(FileHash.Of(folder["model.onnx"])));
        Assert.That(manifest.GetProperty("job").GetProperty("inputs")[0].GetProperty("sha256").GetString(), Is.EqualTo(FileHash.Of(folder["in.txt"])));
        Assert.That(manifest.GetProperty("job").GetProperty("shard").GetString(), Is.EqualTo("2/3"));
        Assert.That((result.FirstRow, result.Rows), Is.EqualTo((3L, 3L)));
        Assert.That(manifest.GetProperty("result").GetProperty("weights").GetString(), Is.EqualTo(CclmModel.Load(folder["model.onnx"]).Weights));
        Assert.That(File.ReadAllText(folder["v-00002-of-00003.npy.manifest.json"]), Does.Not.Contain(folder.Path), "It says nothing of this machine.");
    }
}
