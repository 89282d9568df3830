using Cclm.Tests.Data;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training.Distillation;

/// <summary>A file of vectors as a teacher: each vector stays with its text, and a file that can not be learned from says so before training.</summary>
public sealed class VectorTableTests
{
    const int Count = 57;

    sealed class Row
    {
        public string text { get; set; } = "";
        public float[] embedding { get; set; } = [];
    }

    static readonly string[] Texts = [.. Enumerable.Range(0, Count).Select(i => SmallParts.Text(5 + (i % 9), new(i)))];
    static readonly float[][] Vectors = TfIdfVectors.Of(Texts, 7);
    static readonly TempFolder Folder = new();

    [OneTimeTearDown]
    public void Clean() => Folder.Dispose();

    static readonly Dictionary<string, Func<VectorTable>> Files = new()
    {
        ["npy"] = () => VectorTable.Load(NpyTests.Write(Folder["v.npy"], Vectors), Texts),
        ["parquet in order"] = () => VectorTable.Load(Parquet([.. Enumerable.Range(0, Count)]), Texts),
        ["parquet by text, in another order"] = () => VectorTable.Load(Parquet([.. Enumerable.Range(0, Count).OrderBy(i => i * 31 % Count)]), Texts[..5], textColumn: "text"),
        ["json, as cclm embed writes it"] = () => VectorTable.Load(Json(), Texts),
    };

    static IEnumerable<string> FileNames => Files.Keys;

    [TestCaseSource(nameof(FileNames))]
    public void AVectorStaysWithItsTextThroughSplitAndShuffling(string file)
    {
        using var teacher = Files[file]();
        var embedder = SmallParts.Embedder();
        using var pretrainer = new DistillationPretrainer("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), teacher);
        var (train, heldOut) = Corpus.Split(Texts, text => text, 300);
        var seen = new HashSet<string>();
        foreach (var (batch, _) in pretrainer.On(RowSource.Of(train), heldOut).Batches(default, new() { BatchSize = 5 }).TakeWhile(next => next.Next.Epoch < 2))
        {
            foreach (var (number, example) in batch.Numbers.Zip(batch.Examples))
            {
                Assert.That(example.Values, Is.EqualTo(Vectors[Array.IndexOf(Texts, train[(int)number])]));
                seen.Add(train[(int)number]);
            }
        }
        Assert.That(seen, Has.Count.EqualTo(train.Count));
        Assert.That(heldOut.Select(teacher.VectorOf), Is.EqualTo(heldOut.Select(text => Vectors[Array.IndexOf(Texts, text)])));
    }

    static readonly Dictionary<string, (string Message, Func<VectorTable> Load)> Bad = new()
    {
        ["fewer vectors than texts"] = ("has 56 vectors, but there are 57 texts", () => VectorTable.Load(NpyTests.Write(Folder["bad.npy"], Vectors[1..]), Texts)),
        ["more vectors than texts"] = ("has 57 vectors, but there are 5 texts", () => VectorTable.Load(Json(), Texts[..5])),
        ["a number that is none"] = ("vector 3 (counted from 0) is not all finite", () => VectorTable.Load(NpyTests.Write(Folder["bad.npy"], [.. Vectors[..3], [.. Vectors[3][1..], float.NaN], .. Vectors[4..]]), Texts)),
        ["vectors of two widths"] = ("vector 2 (counted from 0) has 6 numbers; expected 7", () => new("list", [.. Vectors[..2], Vectors[2][1..]], Texts[..3])),
        ["no vectors"] = ("0 vectors", () => new("list", [], [])),
        ["a column that is not there"] = ("has no column 'vectors'", () => VectorTable.Load(Json(), Texts, vectorColumn: "vectors")),
        ["a column of text"] = ("in its vector; expected a list of numbers", () => VectorTable.Load(Json(), Texts, vectorColumn: "text")),
        ["a row without numbers"] = ("has no vector", () => VectorTable.Load(Folder.Write("empty.jsonl", """{"embedding":[]}"""), ["a"])),
        ["a damaged file"] = ("can not be read as vectors", () => VectorTable.Load(Folder.Write("damaged.npy", "no vectors"), Texts)),
    };

    static IEnumerable<string> BadNames => Bad.Keys;

    [TestCaseSource(nameof(BadNames))]
    public void WhatCanNotBeLearnedFromIsRefused(string name) => Assert.That(() => Bad[name].Load(), Throws.TypeOf<InvalidDataException>().With.Message.Contains(Bad[name].Message));

    [Test]
    public void ATextWithoutAVectorIsAnErrorBeforeTraining()
    {
        using var teacher = new VectorTable("list", Vectors[..9], Texts[..9]);
        var embedder = SmallParts.Embedder();
        using var pretrainer = new DistillationPretrainer("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), teacher);
        Assert.That(() => pretrainer.Train(Texts[..10], new() { Steps = 1 }), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"no vector of the text '{Texts[9]}'"));
    }

    [Test]
    public void ATextThatComesAgainHasItsFirstVector() =>
        Assert.That(new VectorTable("list", Vectors[..3], ["a", "b", "a"]).VectorOf("a"), Is.EqualTo(Vectors[0]));

    static string Parquet(int[] order)
    {
        OtherParquet.Write(Folder["v.parquet"], order.Select(i => new Row { text = Texts[i], embedding = Vectors[i] }), groupSize: 20);
        return Folder["v.parquet"];
    }

    static string Json() => Folder.Write("v.jsonl", string.Join('\n', Texts.Zip(Vectors, (text, embedding) => System.Text.Json.JsonSerializer.Serialize(new { text, embedding }))));
}
