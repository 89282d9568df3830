using System.Globalization;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class CharacterNormalizerTests
{
    [TestCase("É\u0301ÅẞİıſK\u212B", "eaßiıſka")]
    [TestCase("Ёлка Й", "елка и")]
    [TestCase("한 각", "\u1112\u1161\u11AB \u1100\u1161\u11A8")]
    [TestCase("مُحَمَّد", "محمد")]
    [TestCase("हिन्दी", "हनद")]
    [TestCase("豈\uFACF", "豈\U0002284A")]
    [TestCase("\U0001F1E9❤\uFE0F\U00010400", "\U0001F1E9❤\U00010428")]
    public void Texts(string text, string expected) => Assert.That(Normalize(text), Is.EqualTo(expected));

    /// <summary>Not in the table: an attribute is stored as UTF-8, which has no half of a surrogate pair.</summary>
    [Test]
    public void HalfASurrogatePairIsTheReplacementCharacter() => Assert.That(Normalize("\0\uD800a\uDC00\uFFFF"), Is.EqualTo("\0\uFFFDa\uFFFD\uFFFF"));

    /// <summary>Python's unicodedata has the same decompositions, marks and small letters for every character that both it and .NET know.</summary>
    [Test]
    public void EveryCharacterIsWhatPythonMakesOfIt()
    {
        using var folder = new TempFolder();
        OtherProgram.Python("""
            import sys, unicodedata
            with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as file:
                for code in range(0x110000):
                    character = chr(code)
                    if unicodedata.category(character) not in ("Cn", "Cs"):
                        letters = [letter for letter in unicodedata.normalize("NFD", character)]
                        lower = "".join(letter.lower() for letter in letters if unicodedata.category(letter)[0] != "M")
                        file.write("%X %s\n" % (code, " ".join("%X" % ord(letter) for letter in lower)))
            """, folder["all.txt"]);
        var characters = 0;
        foreach (var line in File.ReadLines(folder["all.txt"]))
        {
            int[] codes = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(code => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            if (CharUnicodeInfo.GetUnicodeCategory(codes[0]) == UnicodeCategory.OtherNotAssigned || codes[0] is >= 0x16D68 and <= 0x16D6A)
            {
                continue;       // Kirat Rai's three letters of several: see the table
            }
            Assert.That(Normalize(char.ConvertFromUtf32(codes[0])).EnumerateRunes().Select(rune => rune.Value), Is.EqualTo(codes[1..]), $"U+{codes[0]:X4}");
            characters++;
        }
        Assert.That(characters, Is.GreaterThan(100_000));
    }

    static string Normalize(string text)
    {
        List<char> units = [];
        for (var at = 0; at < text.Length;)
        {
            at += CharacterNormalizer.Append(text.AsSpan(at), units);
        }
        return new([.. units]);
    }
}
