using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/data.md, compiled and run: its code blocks are the regions of this file, word for word.</summary>
public sealed class DataExample
{
    TempFolder folder = null!;
    CurrentFolder there = null!;

    [SetUp]
    public void MakeFolder()
    {
        folder = new();
        there = new(folder.Path);
    }

    [TearDown]
    public void DeleteFolder()
    {
        there.Dispose();
        folder.Dispose();
    }

    [Test]
    public void RowsAreReadAndSplit()
    {
        folder.Write("data/a.jsonl", string.Concat(Enumerable.Range(0, 300).Select(i => $$"""{"message":{"text":"the text number {{i}}"},"label":"{{i % 3}}"}{{"\n"}}""")));
        #region open
        var options = new CorpusOptions { Paths = ["data/**/*.jsonl"], TextColumns = ["message.text"] };

        RowSource<string> texts = Corpus.Open(options);
        RowSource<LabelledText> labelled = Corpus.OpenLabelled(options with { LabelColumn = "label" });

        foreach (var (number, text) in texts.InEpoch(seed: 1, epoch: 0).Read(from: 100))
        {
            Console.WriteLine($"{number}: {text}");
        }
        #endregion
        Assert.That(labelled.Read().Count(), Is.EqualTo(300));
        #region split
        var train = texts.Where(text => !Corpus.IsHeldOut(text, permille: 50));
        IReadOnlyList<string> heldOut = Corpus.HeldOut(texts.Read().Select(row => row.Row), text => text, permille: 50, most: 10_000);
        #endregion
        Assert.That(train.Read().Count() + heldOut.Count, Is.EqualTo(300));
        Assert.That(heldOut, Is.Not.Empty);
    }

    [Test]
    public void ACorpusIsSurveyed()
    {
        folder.Write("corpus.csv", "label,text\na,the first text\nb,the second text\na,the first text\n");
        #region survey
        var report = Corpus.Survey(new() { Paths = ["corpus.csv"] }, labels: true);
        foreach (var (name, value) in report.Lines())
        {
            Console.WriteLine($"{name}: {value}");
        }
        foreach (var warning in report.Warnings())
        {
            Console.WriteLine(warning);
        }
        #endregion
        Assert.That(report.Duplicates, Is.EqualTo(1));
    }

    [Test]
    public void PairsSentencesAndGraphsAreRead()
    {
        folder.Write("pairs.tsv", "0.5\tone\ttwo\n");
        folder.Write("train.conll", "EU\tB-ORG\nrejects\tO\n");
        folder.Write("papers.txt", "one\ntwo\n");
        folder.Write("citations.txt", "0 1\n");
        folder.Write("fields.txt", "a\nb\n");
        #region others
        RowSource<TextPair> pairs = Corpus.OpenPairs(new() { Paths = ["pairs.tsv"], TextColumns = ["2", "3"], LabelColumn = "1" });
        RowSource<TaggedSentence> sentences = Corpus.OpenTagged(new() { Paths = ["train.conll"] });
        TextGraph graph = TextGraph.Load(nodes: "papers.txt", edges: "citations.txt", labels: "fields.txt");
        #endregion
        Assert.That(pairs.Read().Single().Row, Is.EqualTo(new TextPair("one", "two", "0.5")));
        Assert.That(sentences.Read().Single().Row.Tags, Is.EqualTo((string[])["B-ORG", "O"]));
        Assert.That(graph.Edges.Single(), Is.EqualTo((0, 1)));
    }
}
