using Cclm.Training.Data;
using Cclm.Training.Premise;
using NUnit.Framework;

namespace Cclm.Tests.Premise;

/// <summary>The measures and baselines of an evaluation, against values worked by hand.</summary>
[Parallelizable]
public sealed class MeasureTests
{
    [TestCase(new double[] { 1, 2, 3, 4 }, new double[] { 10, 20, 30, 40 }, 1)]
    [TestCase(new double[] { 1, 2, 3, 4 }, new double[] { 4, 3, 2, 1 }, -1)]
    [TestCase(new double[] { 1, 2, 3 }, new double[] { 1, 100, 2 }, 0.5)]
    [TestCase(new double[] { 1, 1, 2 }, new double[] { 1, 2, 3 }, 0.8660254)]          // ranks 1.5, 1.5, 3
    public void RanksAreCorrelated(double[] first, double[] second, double expected) =>
        Assert.That(RankCorrelation.Of(first, second), Is.EqualTo(expected).Within(1e-7));

    [Test]
    public void AnIntervalIsThatOfTheMean()
    {
        var random = new Random(5);
        double[] items = [.. Enumerable.Range(0, 400).Select(_ => random.NextDouble() < 0.3 ? 1.0 : 0)];
        var (low, high) = Bootstrap.Interval(items);
        var error = Math.Sqrt(items.Average() * (1 - items.Average()) / items.Length);
        Assert.That(low, Is.EqualTo(items.Average() - (1.96 * error)).Within(0.3 * error));
        Assert.That(high, Is.EqualTo(items.Average() + (1.96 * error)).Within(0.3 * error));
    }

    [Test]
    public void TheMeanOfSeedsIsThatOfTheirItems()
    {
        var measured = Measured.Of("s", "clean", "m", "accuracy", [[1, 0, 0, 1], [1, 1, 1, 1]]);
        Assert.That((measured.Mean, measured.Items), Is.EqualTo((0.75, 4)));
        Assert.That(measured.Deviation, Is.EqualTo(Math.Sqrt(0.125)).Within(1e-12));
        Assert.That(measured.Low, Is.InRange(0.5, 0.75));
    }

    [Test]
    public void WordsAreWeighedByTheirRarity()
    {
        var features = new TfIdf(TfIdf.OfWords(1), ["a b", "a c", "a d"]).Of(["a b", "B b a", "nothing known"]);
        var (common, rare) = (Math.Log(4 / 4.0) + 1, Math.Log(4 / 2.0) + 1);
        Assert.That(Sorted(features, 0), Is.EqualTo(Normal(common, rare)).Within(1e-6));
        Assert.That(Sorted(features, 1), Is.EqualTo(Normal(common, (1 + Math.Log(2)) * rare)).Within(1e-6));
        Assert.That(Sorted(features, 2), Is.EqualTo(Normal(1, 1)).Within(1e-6), "What was never counted is as rare as can be.");
    }

    [TestCase(1, 1, 3)]         // ' ', 'a', 'b'; the second space is the same as the first
    [TestCase(2, 2, 3)]
    [TestCase(1, 3, 3 + 3 + 2)]
    public void CharacterNGramsHaveTheirSpaces(int shortest, int longest, int expected)
    {
        var found = new HashSet<ulong>();
        TfIdf.Characters(shortest, longest)("ab", hash => found.Add(hash));
        Assert.That(found, Has.Count.EqualTo(expected));
    }

    /// <summary>Members with summaries of their own; a search is asked for some of them.</summary>
    [TestCase(1, 1, 1, 1, Description = "The right one is scored highest.")]
    [TestCase(0, 0, 0, 2.0 / 202, Description = "All are scored alike, so half of the others are before it: rank 101 of 200.")]
    [TestCase(-1, 0, 0, 1.0 / 200, Description = "It is scored lowest.")]
    public void ASearchIsMeasuredByTheRankOfWhatIsWanted(float score, double first, double amongTen, double reciprocal)
    {
        var search = new SearchStudy([.. Enumerable.Range(0, 200).Select(i => new ApiMember($"T:A.Member{i}x", "A", "Member", $"Summary of member{i}x."))]);
        var measured = search.Measure("by hand", documents => queries => query => [.. documents.Select(document => document.Contains($" {queries[query].Split(' ')[^1]}", StringComparison.Ordinal) ? score : 0)]).Where(row => row.Noise == "clean").ToList();
        Assert.That(measured[0].Items, Is.InRange(5, 60), "One in ten is asked for.");
        Assert.That(measured.Select(row => row.Measure), Is.EqualTo((string[])["recall@1", "recall@10", "MRR"]));
        Assert.That(measured.Select(row => row.Mean), Is.EqualTo((double[])[first, amongTen, reciprocal]).Within(1e-12));
    }

    [Test]
    public void RareWordsOfShortDocumentsCountMost()
    {
        var search = new Bm25(["the cat sat on the mat", "the dog", "a bird"]);
        var scores = search.Scores("the dog");
        Assert.That(scores[1], Is.GreaterThan(scores[0]).And.GreaterThan(scores[2]));
        Assert.That(scores[2], Is.Zero);
        // one word, by the formula: 6 words where the mean is 10/3
        var inverse = Math.Log(1 + (2.5 / 1.5));
        Assert.That(search.Scores("cat")[0], Is.EqualTo(inverse * 2.2 / (1 + (1.2 * (0.25 + (0.75 * 6 / (10 / 3.0)))))).Within(1e-5));
    }

    [TestCase(3, 30)]
    [TestCase(5, 500)]
    public void ClassesThatCanBeToldApartAreTold(int classes, int rows)
    {
        var random = new Random(classes);
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => random.Next(classes))];
        float[][] vectors = [.. labels.Select(label => Unit([.. Enumerable.Range(0, classes + 2).Select(i => (float)((i == label ? 1 : 0) + (0.3 * random.NextDouble())))]))];
        var features = new DenseFeatures(vectors, classes + 2);
        var half = Enumerable.Range(0, rows / 2).ToList();
        var classifier = LinearClassifier.Train(features, half, labels, classes);
        Assert.That(Enumerable.Range(rows / 2, rows - (rows / 2)).Count(row => classifier.Classify(features, row) == labels[row]), Is.EqualTo(rows - (rows / 2)));
    }

    [TestCase(0, 1, 1, Description = "Each label has a word of its own; a text has any of them, or none.")]
    [TestCase(1, 0.3, 0.5, Description = "Labels of the test have nothing to do with its words: two in five of those told are right, and two in five are told.")]
    public void AnyNumberOfLabelsIsTold(double drawn, double least, double most)
    {
        var random = new Random(3);
        string[] labels = ["ape", "bee", "cat", "dog", "elk"];
        List<MultiLabelledText> Rows(int count, double others) => [.. Enumerable.Range(0, count).Select(i =>
        {
            string[] words = [.. labels.Where(_ => random.NextDouble() < 0.4)];
            return new MultiLabelledText(random.NextDouble() < others ? [.. labels.Where(_ => random.NextDouble() < 0.4)] : words, string.Join(' ', [$"text{i}", .. words]));
        })];
        var study = new MultiLabelStudy("by hand", Rows(301, 0), Rows(97, 0), Rows(203, drawn), [TestNoise.None]);
        var measured = study.Measure(new NGrams("words", TfIdf.OfWords(1))).ToList();
        Assert.That(measured.Select(row => (row.Study, row.Measure, row.Items)), Is.EqualTo(new[] { ("by hand, all 301 texts", "macro F1", 203), ("by hand, all 301 texts", "micro F1", 203) }));
        foreach (var row in measured)
        {
            Assert.That(row.Mean, Is.InRange(least, most));
            Assert.That(row.Mean, Is.InRange(row.Low, row.High));
        }
    }

    [TestCase("one two three four five six seven eight nine", "zero two three four five six seven EIGHT nine, ten", true)]
    [TestCase("one two three four five six seven eight nine", "one two three four five six seven; and eight nine", false)]
    [TestCase("short text", "Short text!", true)]
    [TestCase("short text", "a short text", false)]
    [TestCase("short text", "", false)]
    public void EightWordsInARowAreAnOverlap(string test, string text, bool expected)
    {
        var overlap = new ShingleOverlap();
        overlap.Add(test);
        Assert.That(overlap.Touches(text), Is.EqualTo(expected));
    }

    [TestCase("File.ReadAllLines", "file read all lines")]
    [TestCase("XmlReader.ReadToEnd", "xml reader read to end")]
    [TestCase("HTTPServer.On2Ways", "http server on2 ways")]
    [TestCase("List.Add", "list add")]
    public void NamesAreWords(string name, string expected) => Assert.That(EvaluationData.InWords(name), Is.EqualTo(expected));

    [Test]
    public void TablesHaveTheModelsByRowsAndTheNoiseByColumns()
    {
        Measured[] rows =
        [
            new("News", "clean", "ours", "accuracy", [0.5, 0.75], 0.4, 0.8, 1_234), new("News", "typos", "ours", "accuracy", [0.5], double.NaN, double.NaN, 1_234),
            new("News", "typos", "theirs", "accuracy", [0.25], 0.2, 0.3, 1_234),
        ];
        Assert.That(EvaluationReport.Markdown("cclm x", rows).Replace("\r", "", StringComparison.Ordinal), Is.EqualTo(
            "    cclm x\n\n**News**: accuracy of 1,234, 2 seeds\n\n| model | clean | typos |\n|---|---|---|\n| ours | 0.625 ± 0.177 (0.400 to 0.800) | 0.500 |\n| theirs |  | 0.250 (0.200 to 0.300) |\n"));
    }

    static float[] Sorted(SparseFeatures features, int row) => [.. features[row].Values.Order()];

    static float[] Normal(params double[] values) => Unit([.. values.Select(value => (float)value)]);

    static float[] Unit(float[] values) => [.. values.Select(value => value / MathF.Sqrt(values.Sum(each => each * each)))];
}
