using Cclm.Training.Data;
using Cclm.Training.Premise;
using NUnit.Framework;

namespace Cclm.Tests.Premise;

/// <summary>fastText's own program as a baseline.</summary>
public sealed class FastTextTests
{
    [Test]
    public void LabelsAreLearnedAndToldInTheirOrder()
    {
        NeedProgram();
        LabelledText[] rows = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? new LabelledText("of war", $"Tanks fire, day {i}") : new LabelledText("sport", $"Teams: goals on day {i}"))];
        using var program = new FastText("fasttext", "-epoch", "50", "-lr", "0.5");
        var tell = program.Train(rows, seed: 0);
        Assert.That(tell(["TANKS 😀", "goals\nteams", "", "fire fire\ud83d"]).Where((_, i) => i != 2), Is.EqualTo((string[])["of war", "sport", "of war"]), "A text without words has some label.");
        Assert.That(program.Train([.. rows.Select(row => row with { Label = row.Label == "sport" ? "of war" : "sport" })], seed: 0)(["tanks"]), Is.EqualTo((string[])["sport"]), "It learns anew.");
    }

    [Test]
    public void LabelsAreLearnedOnVectorsOfWords()
    {
        NeedProgram();
        var random = new Random(3);
        string[][] company = [.. Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, 100).Select(_ => string.Concat(Enumerable.Range(0, 7).Select(_ => (char)random.Next('a', 'z' + 1)))).ToArray())];
        using var program = new FastText("fasttext", "-epoch", "50", "-lr", "0.5");
        program.LearnVectors(Enumerable.Range(0, 20_000).Select(i => string.Join(' ', Enumerable.Range(0, 10).Select(_ => company[i % 2][random.Next(100)]))));
        var tell = program.Train([.. Enumerable.Range(0, 40).Select(i => new LabelledText($"{i % 2}", company[i % 2][i / 2]))], seed: 0);
        var told = tell([.. company.SelectMany(words => words[50..])]);
        Assert.That(told.Where((label, i) => label == $"{i / 50}").Count(), Is.GreaterThan(90), "Of 100 words that no label was seen with, told by the company that they keep.");
    }

    static void NeedProgram()
    {
        if (!FastText.IsHere("fasttext"))
        {
            Assert.Ignore("There is no fasttext on this machine (apt-get install fasttext), which this test runs.");
        }
    }

    [Test]
    public void AProgramThatFailsIsNamed()
    {
        using var program = new FastText("false");
        Assert.That(() => program.Train([new("a", "b")], seed: 0), Throws.InvalidOperationException.With.Message.StartsWith("'false' ended with 1"));
        Assert.That(FastText.IsHere("there-is-none"), Is.False);
    }
}
