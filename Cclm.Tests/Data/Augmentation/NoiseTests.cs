using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>All kinds of noise by one number.</summary>
public sealed class NoiseTests
{
    static readonly string[] Texts = [.. Enumerable.Range(0, 60).Select(i => $"{i} {AugmentationKinds.Sentence} Ёжик читает 日本語 {i}")];

    /// <summary>What evaluation sweeps: more noise is further from the text.</summary>
    [Test]
    public void MeanEditDistanceRisesWithTheLevel()
    {
        var means = ((double[])[0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1]).Select(MeanDistance).ToArray();

        Assert.That(means[0], Is.Zero);
        Assert.That(means, Is.Ordered.And.Unique);
        Assert.That(means[3] * 10, Is.EqualTo(means[^1]).Within(0.25 * means[^1]), "The distance is about proportional to the level.");

        double MeanDistance(double level) => Texts.Index().Average(text => (double)Distance(text.Item, Augmentors.Noise(level)(text.Item, new(text.Index))));
    }

    [TestCase("word")]
    [TestCase("I")]
    [TestCase("7")]
    [TestCase("日")]
    [TestCase("日本")]
    [TestCase("e\u0301")]
    [TestCase("שלום")]
    [TestCase("नमस्ते")]
    public void AtLevelOneEveryWordHasAnError(string word) => Assert.That(
        Enumerable.Range(0, 500).Select(seed => Augmentors.Noise(1)(word, new(seed))), Has.None.EqualTo(word));

    [Test]
    public void EveryKindOfErrorComesUp()
    {
        var results = Enumerable.Range(0, 20_000).Select(seed => Augmentors.Noise(1)("Möhre .", new(seed))).ToHashSet();

        Assert.That(results, Is.SupersetOf((string[])
        [
            "Möhr .", "Möhree .", "Möher .", "Möhrw .",                     // dropped, doubled, in the wrong order, a key beside
            "möhre .", "MÖHRE .", "MÖhre .",                                // case
            "Möhre.", "Möhre  .", "Mö hre .",                               // white space
            "Mohre .", "Mölire .", "Möhr\u0435 .",                          // accents, a scanner, a Cyrillic letter
        ]));
    }

    [Test]
    public void WithAListHalfTheErrorsInItsWordsAreMisspellings()
    {
        using var folder = new TempFolder();
        var noise = Augmentors.Noise(1, MisspellingList.Load(folder.Write("list.tsv", "teh\tthe\n")));

        Assert.That(Enumerable.Range(0, 2000).Count(seed => noise("the", new(seed)) == "teh"), Is.InRange(900, 1200));
        Assert.That(noise("xyz", new(1)), Is.Not.EqualTo("xyz"), "What is not in it has other errors.");
    }

    /// <summary>The weights of the typing errors are those of one real error in a word; of these kinds, as they are counted in real misspellings.</summary>
    [Test]
    public void TypingErrorsHaveTheProportionsOfRealOnes()
    {
        var counts = new Dictionary<string, int> { ["drop"] = 0, ["transposition"] = 0, ["doubling"] = 0, ["neighbour"] = 0 };
        foreach (var line in File.ReadLines(SharedData.Find("typos/codespell_pairs.tsv")))
        {
            if (line.Split('\t') is [var wrong, var right] && KindOf(wrong, right) is { } kind)
            {
                counts[kind]++;
            }
        }
        var all = (double)counts.Values.Sum();
        TestContext.Out.WriteLine(string.Join(", ", counts.Select(count => $"{count.Key}: {count.Value:N0}, {100 * count.Value / all:F1} %")));

        int[] weights = [NoiseKinds.Drops, NoiseKinds.Transpositions, NoiseKinds.Doublings, NoiseKinds.NeighbourKeys];
        Assert.That(weights.Sum(), Is.EqualTo(100));
        Assert.That(counts.Values.Select(count => 100 * count / all), Is.EqualTo(weights).Within(1.0));
    }

    /// <summary>The kind of a misspelling that is one typing error.</summary>
    static string? KindOf(string wrong, string right)
    {
        var same = wrong.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();
        bool Rest(int inWrong, int inRight) => same + inWrong <= wrong.Length && same + inRight <= right.Length && wrong[(same + inWrong)..] == right[(same + inRight)..];
        return Rest(0, 1) ? "drop"
            : Rest(1, 0) ? same > 0 && wrong[same] == wrong[same - 1] ? "doubling" : null
            : Rest(2, 2) && wrong[same] == right[same + 1] && wrong[same + 1] == right[same] ? "transposition"
            : Rest(1, 1) && KeyboardLayout.Qwerty.Neighbours(right[same]).Contains(wrong[same], StringComparison.Ordinal) ? "neighbour"
            : null;
    }

    /// <summary>Levenshtein's distance.</summary>
    static int Distance(string from, string to)
    {
        int[] above = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var row = new int[to.Length + 1];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
            }
            above = row;
        }
        return above[^1];
    }
}
