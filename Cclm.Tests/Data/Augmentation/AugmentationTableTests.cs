using System.Text.Json;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>The tables of keys, accents and look-alikes.</summary>
public sealed class AugmentationTableTests
{
    /// <summary>The keys around each letter from a to z, looked up on a keyboard.</summary>
    static readonly string[] Keys =
    [
        "qwsz", "vghn", "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko", "huikmn", "jiolm", "kop", "njk",
        "bhjm", "iklp", "ol", "wa", "edft", "awedxz", "rfgy", "yhji", "cfgb", "qase", "zsdc", "tghu", "asx",
    ];

    static readonly string[] Layouts = ["qwerty", "qwertz", "azerty", "jcuken", "12345 qwert", "a"];

    [Test]
    public void TheKeysAroundAKeyAreThoseOfAKeyboard()
    {
        Assert.That(Enumerable.Range('a', 26).Select(key => KeyboardLayout.Qwerty.Neighbours((char)key).Order()), Is.EqualTo(Keys.Select(keys => keys.Order())));
        Assert.That(KeyboardLayout.Qwerty.Neighbours('P').Order(), Is.EqualTo("LO"));
        Assert.That(KeyboardLayout.Qwerty.Neighbours('é'), Is.Empty);
        Assert.That(new KeyboardLayout("12345", "qw rt").Neighbours('w').Order(), Is.EqualTo("23q"));
    }

    [TestCaseSource(nameof(Layouts))]
    public void KeysAreBesideEachOther(string name)
    {
        var layout = name == "a" ? new("a") : KeyboardLayout.Parse(name);
        foreach (var key in "abcdefghijklmnopqrstuvwxyzöäü12345йцукенгшщзхъфывапролджэячсмитьбю")
        {
            Assert.That(layout.Neighbours(key), Has.Length.LessThanOrEqualTo(6).And.Not.Contain(key));
            Assert.That(layout.Neighbours(key).Select(layout.Neighbours), Has.All.Contain(key));
        }
    }

    [TestCase("dvorak", "qwerty, qwertz, azerty, jcuken")]
    [TestCase("ab ca", "'a' is in the layout twice")]
    [TestCase(" ", "no keys")]
    [TestCase("aB cd", "U+0042 is no key")]
    [TestCase("a\u0007 bc", "U+0007 is no key")]
    public void ALayoutThatIsNoneIsAnError(string layout, string message) =>
        Assert.That(() => KeyboardLayout.Parse(layout), Throws.ArgumentException.With.Message.Contains(message));

    /// <summary>Unicode's own decompositions, as Python has them.</summary>
    [Test]
    public void AccentsAreThoseOfUnicode()
    {
        using var folder = new TempFolder();
        OtherProgram.Python("""
            import json, sys, unicodedata
            plain = {}
            for letter in map(chr, range(0xC0, 0x2000)):
                base, marks = (lambda text: (text[0], text[1:]))(unicodedata.normalize("NFD", letter))
                if marks and unicodedata.category(letter)[0] == "L" and all("\u0300" <= mark <= "\u036f" for mark in marks):
                    plain[letter] = base
            json.dump(plain, open(sys.argv[1], "w"))
            """, folder["plain.json"]);
        var unicode = JsonSerializer.Deserialize<Dictionary<char, char>>(File.ReadAllText(folder["plain.json"]))!;
        Assert.That(unicode, Has.Count.GreaterThan(500));
        foreach (var letter in "йїўЙЇЎẛϓϔ")
        {
            unicode.Remove(letter);                             // letters of their own, and forms of ones that nobody types
        }
        foreach (var (letter, plain) in "øoØOǿoǾOđdĐDłlŁLħhĦHŧtŦTıi".Chunk(2).Select(pair => (pair[0], pair[1])))
        {
            unicode[letter] = plain;                            // no accents to Unicode
        }
        var ours = Enumerable.Range(0, char.MaxValue).Select(unit => (char)unit).Where(unit => Accents.PlainOf(unit) != unit);
        Assert.That(ours.ToDictionary(letter => letter, Accents.PlainOf), Is.EquivalentTo(unicode));
    }

    [Test]
    public void LookAlikesAreMutual([Values] bool homoglyphs)
    {
        var pairs = (homoglyphs ? ConfusionTables.Homoglyphs : ConfusionTables.Ocr).Pairs.ToHashSet();
        Assert.That(pairs, Has.Count.GreaterThan(80));
        foreach (var (seen, read) in pairs)
        {
            Assert.That(pairs, Does.Contain((read, seen)));
            Assert.That(seen, Is.Not.EqualTo(read).And.Length.InRange(1, 2));
            Assert.That(seen.All(TextElements.StandsAlone));
        }
    }

    [Test]
    public void HomoglyphsAreOfAnotherScriptAndOfTheSameCase() => Assert.That(ConfusionTables.Homoglyphs.Pairs,
        Has.All.Matches<(string Seen, string Read)>(pair => Script(pair.Seen) != Script(pair.Read) && char.IsUpper(pair.Seen[0]) == char.IsUpper(pair.Read[0])));

    static string Script(string letter) => letter[0] switch { < '\u0250' => "Latin", < '\u0400' => "Greek", < '\u0530' => "Cyrillic", _ => "other" };
}
