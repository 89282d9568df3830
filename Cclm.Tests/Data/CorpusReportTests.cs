using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class CorpusReportTests
{
    [Test]
    public void RowsAreCountedAndMeasured()
    {
        var survey = new CorpusSurvey();
        foreach (var (text, label) in ((string, string)[])
            [("", "a"), (" \t", "a"), ("é😀", "b"), ("123456789 ", "a"), ("1234567890", "a"), ("a text of some length", "a"), ("a text of some length", "b"), ("a text of some length", "b")])
        {
            survey.Add(text, label);
        }
        var report = survey.Report();

        Assert.That((report.Rows, report.Empty, report.NearEmpty, report.Duplicates), Is.EqualTo((8, 2, 2, 2)));
        Assert.That((report.Characters, report.DifferentCharacters), Is.EqualTo((2 + 10 + 10 + 3 * 21, 2 + 10 + 1 + "atexofsmlngh".Length)));
        Assert.That((report.MedianLength, report.NinetiethPercentile, report.LongestLength), Is.EqualTo((10, 21, 21)));
        Assert.That(report.MostRepeated, Is.EqualTo(("a text of some length", 3)));
        Assert.That(report.Labels, Is.EqualTo(((string, long)[])[("a", 5), ("b", 3)]));
        Assert.That(string.Join('\n', report.Lines()), Does.Contain("(duplicates, 2 (25.0 %))").Or.Contain("(duplicates, 2 (25.0%))"));
        Assert.That(string.Join('\n', report.Warnings()), Does.Contain("2 of 8 rows have no text and are left out.")
            .And.Contain("2 of 6 texts have fewer than 10 characters").And.Contain("2 of 6 texts are duplicates").And.Contain("'a text of some length' occurs 3 times")
            .And.Contain("1 of 2 labels have fewer than 5 rows, such as 'b' with 3"));
    }

    [Test]
    public void NothingIsSaidOfACorpusInOrder()
    {
        var survey = new CorpusSurvey();
        for (var i = 0; i < 100; i++)
        {
            survey.Add($"the text number {i}", $"label {i % 3}");
        }
        Assert.That(survey.Report().Warnings(), Is.Empty);
        Assert.That(new CorpusSurvey().Report().Lines(), Has.Count.EqualTo(6));
    }

    [TestCase(1, "Every row has the label '0'")]
    [TestCase(10_001, "There are 10,000 different labels and more")]
    public void AColumnThatHoldsNoLabelsIsSeen(int labels, string message)
    {
        var survey = new CorpusSurvey();
        for (var i = 0; i < 10_001; i++)
        {
            survey.Add($"the text number {i}", $"{i % labels}");
        }
        Assert.That(survey.Report().Warnings().Single(), Does.StartWith(message));
    }

    [Test]
    public void ManyDuplicatesAreEstimatedWithoutBias()
    {
        const int Corpora = 400, Texts = 500, Kept = 50;
        double sum = 0, squares = 0;
        for (var corpus = 0; corpus < Corpora; corpus++)
        {
            var sample = new DuplicateSample(Kept);
            for (var text = 0; text < Texts; text++)
            {
                for (var copies = 0; copies <= text % 3; copies++)
                {
                    sample.Add($"{corpus} {text}");
                }
            }
            Assert.That(sample.Exact, Is.False);
            sum += sample.Duplicates;
            squares += (double)sample.Duplicates * sample.Duplicates;
        }
        var truth = Enumerable.Range(0, Texts).Sum(text => text % 3);
        var (mean, error) = (sum / Corpora, Math.Sqrt((squares / Corpora - sum / Corpora * sum / Corpora) / Corpora));

        Assert.That(mean, Is.EqualTo(truth).Within(4 * error));
        Assert.That(error, Is.LessThan(truth * 0.02));
    }

    [Test]
    public void TheEstimateDoesNotDependOnTheOrder()
    {
        string[] texts = [.. Enumerable.Range(0, 1000).SelectMany(i => Enumerable.Repeat($"text {i}", 1 + i % 4))];
        DuplicateSample one = new(30), other = new(30);
        Array.ForEach(texts, one.Add);
        Array.ForEach([.. texts.Reverse()], other.Add);

        Assert.That(other.Duplicates, Is.EqualTo(one.Duplicates));
    }
}
