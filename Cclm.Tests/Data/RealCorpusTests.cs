using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Corpora as their makers publish them have as many rows as they say.</summary>
public sealed class RealCorpusTests
{
    [TestCase("ag_news/test.tsv", "2 3", "1", 7600, 4)]
    [TestCase("ag_news/train_8k.tsv", "", null, 8000, 4)]
    [TestCase("dbpedia14k/train.tsv", "", null, 14_000, 14)]
    [TestCase("goemotions/train.tsv", "1", "2", 43_410, 711)]
    [TestCase("reuters21578/reuters.tsv", "4 5", "1", 21_578, 3)]
    [TestCase("stsb/dev.tsv", "6 7", "1", 1500, 3)]
    public void LabelledRowsAreAllRead(string name, string text, string? label, int rows, int labels)
    {
        var report = Corpus.Survey(Options(name, text) with { LabelColumn = label }, labels: true);

        Assert.That((report.Rows, report.Labels.Count), Is.EqualTo((rows, labels)));
        Assert.That(report.Labels.Sum(one => one.Rows), Is.EqualTo(rows));
    }

    [TestCase("wikitext2", 8118)]
    [TestCase("goemotions/labels.txt", 28)]
    public void LinesAreAllRead(string name, int rows) => Assert.That(Corpus.Survey(Options(name) with { Format = CorpusFormat.Lines }).Rows, Is.EqualTo(rows));

    [TestCase("ner/wnut17/en.train.conll", 3394)]
    [TestCase("ner/wnut17/en.dev.conll", 1009)]
    [TestCase("ner/wnut17/en.test.conll", 1287)]
    [TestCase("ner/uner_ewt/en.train.conll", 12_543)]
    [TestCase("ner/wikiann/en.train.conll", 20_000)]
    public void SentencesAreAllRead(string name, int sentences)
    {
        var rows = Corpus.OpenTagged(Options(name)).Read().Select(row => row.Row).ToList();

        Assert.That(rows, Has.Count.EqualTo(sentences));
        Assert.That(rows.SelectMany(row => row.Tags).Distinct(), Has.All.Match("^(O|[BI]-.+)$"));
        Assert.That(rows.Sum(row => row.Words.Count), Is.EqualTo(File.ReadLines(SharedData.Find(name)).Count(line => !string.IsNullOrWhiteSpace(line))));
    }

    [TestCase("typos/norvig_pairs.tsv", "1 2", 39_691)]
    [TestCase("stsb/test.tsv", "6 7", 1379)]
    public void PairsAreAllRead(string name, string columns, int pairs) =>
        Assert.That(Corpus.OpenPairs(Options(name, columns)).Read().Count(), Is.EqualTo(pairs));

    [TestCase("ag_news/train_8k.tsv")]
    [TestCase("goemotions/train.tsv")]
    public void DuplicatesAreTheRowsThatAreNoDifferentTexts(string name)
    {
        var columns = Options(name, name.StartsWith("go", StringComparison.Ordinal) ? "1" : "");
        var texts = File.ReadAllLines(SharedData.Find(name)).Select(line => line.Split('\t')[columns.TextColumns.Count > 0 ? 0 : 1]).ToList();

        Assert.That(Corpus.Survey(columns).Duplicates, Is.EqualTo(texts.Count - texts.Distinct().Count()).And.GreaterThan(40));
    }

    [Test]
    public void TheGraphOfCoraIsReadWhole()
    {
        var graph = TextGraph.Load(SharedData.Find("graph_cora/data.txt"), SharedData.Find("graph_cora/graph.txt"), SharedData.Find("graph_cora/group.txt"));

        Assert.That((graph.Texts.Count, graph.Edges.Count, graph.Labels!.Count), Is.EqualTo((2277, 5214, 2277)));
        Assert.That(graph.Labels.Where(label => label is not null).Distinct().Count(), Is.EqualTo(7));
    }

    static CorpusOptions Options(string name, string columns = "") =>
        new() { Paths = [SharedData.Find(name)], TextColumns = columns.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
}
