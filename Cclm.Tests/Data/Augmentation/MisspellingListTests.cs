using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Lists of misspellings.</summary>
public sealed class MisspellingListTests
{
    [TestCase("the", "teh", "hte")]
    [TestCase("The", "Teh", "Hte")]
    [TestCase("THE", "TEH", "HTE")]
    [TestCase("english", "englsh")]
    [TestCase("English", "Englsh")]
    [TestCase("i", "1")]
    [TestCase("alot", "a lot")]
    [TestCase("Alot", "A lot")]
    [TestCase("don't", "dont")]
    [TestCase("iPhone", "ipHone")]
    [TestCase("ёжик", "ежик")]
    [TestCase("other", "other")]
    [TestCase("genius", "genius")]
    public void AWordIsMisspeltInItsCase(string word, params string[] expected)
    {
        using var folder = new TempFolder();
        var list = MisspellingList.Load(folder.Write("list.tsv",
            "teh\tthe\n\nhte\tthe\nteh\tthe\nEnglsh\tEnglish\n1\ti\na lot\talot\r\ndont\tdon't\nipHone\tiPhone\nежик\tёжик\nGenius\tgenius\n"));

        Assert.That(list.Count, Is.EqualTo(8));
        Assert.That(list.Find("THE"), Is.EqualTo((string[])["teh", "hte"]));
        Assert.That(Enumerable.Range(0, 100).Select(seed => Augmentors.Misspellings(1, list)(word, new(seed))).Distinct(), Is.EquivalentTo(expected));
    }

    [TestCase("a\tb\nno tab\n", "line 2 is 'no tab'; expected a misspelling, a tab and the right word")]
    [TestCase("a\tb\tc\n", "line 1")]
    [TestCase("a\t\n", "line 1")]
    [TestCase("\tb\n", "line 1")]
    [TestCase("\n\nsame\tsame\n", "line 3")]
    [TestCase("\n", "no misspelling")]
    [TestCase("", "list.tsv")]
    public void AFileThatIsNoListIsAnError(string content, string message)
    {
        using var folder = new TempFolder();
        var path = folder.Write("list.tsv", content);
        Assert.That(() => MisspellingList.Load(path), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message).And.Message.Contains(path));
    }

    [Test]
    public void AHostileListIsRefused()
    {
        using var folder = new TempFolder();
        var wide = folder.Write("wide.tsv", $"{new string('x', 65)}\tx\n");
        Assert.That(() => MisspellingList.Load(wide), Throws.TypeOf<InvalidDataException>().With.Message.Contains("64 characters").And.Message.Length.LessThan(300));
        var many = folder.Write("many.tsv", string.Concat(Enumerable.Range(0, 1_000_001).Select(i => $"{i}\tx\n")));
        Assert.That(() => MisspellingList.Load(many), Throws.TypeOf<InvalidDataException>().With.Message.Contains("line 1000001").And.Message.Contains("1,000,000"));
        var missing = folder["missing.tsv"];
        Assert.That(() => MisspellingList.Load(missing), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(missing));
    }

    /// <summary>Lists of others as they are found.</summary>
    [TestCase("typos/codespell_pairs.tsv", "the", 10_000)]
    [TestCase("typos/norvig_pairs.tsv", "beautiful", 5_000)]
    public void RealListsAreRead(string name, string word, int words)
    {
        var list = MisspellingList.Load(SharedData.Find(name));
        Assert.That(list.Count, Is.GreaterThan(words));
        Assert.That(list.Find(word), Is.Not.Empty.And.None.EqualTo(word));
        Assert.That(list.Find(Augmentors.Misspellings(1, list)(word, new(1))), Has.None.EqualTo(word));
        Assert.That(Augmentors.Misspellings(1, list)(word, new(1)), Is.AnyOf([.. list.Find(word)]));
    }
}
