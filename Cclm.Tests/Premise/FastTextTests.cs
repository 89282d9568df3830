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
        if (!FastText.IsHere("fasttext"))
        {
            Assert.Ignore("There is no fasttext on this machine (apt-get install fasttext), which this test runs.");
        }
        LabelledText[] rows = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? new LabelledText("of war", $"Tanks fire, day {i}") : new LabelledText("sport", $"Teams: goals on day {i}"))];
        using var program = new FastText("fasttext", "-epoch", "50", "-lr", "0.5");
        var tell = program.Train(rows, seed: 0);
        Assert.That(tell(["TANKS", "goals\nteams", "", "fire fire"]).Where((_, i) => i != 2), Is.EqualTo((string[])["of war", "sport", "of war"]), "A text without words has some label.");
        Assert.That(program.Train([.. rows.Select(row => row with { Label = row.Label == "sport" ? "of war" : "sport" })], seed: 0)(["tanks"]), Is.EqualTo((string[])["sport"]), "It learns anew.");
    }

    [Test]
    public void AProgramThatFailsIsNamed()
    {
        using var program = new FastText("false");
        Assert.That(() => program.Train([new("a", "b")], seed: 0), Throws.InvalidOperationException.With.Message.StartsWith("'false' ended with 1"));
        Assert.That(FastText.IsHere("there-is-none"), Is.False);
    }
}
