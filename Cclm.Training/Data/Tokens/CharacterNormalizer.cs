using System.Globalization;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>NFD, lower case, without marks: what Hugging Face's normalizers NFD, Lowercase and StripAccents make of a text, character by character.</summary>
/// <remarks>
/// No character's result depends on its neighbours: decomposition reorders marks only, and those are left out. The decompositions are a
/// table here because <see cref="string.Normalize(NormalizationForm)"/> changes nothing in an application of invariant globalization.
/// </remarks>
static class CharacterNormalizer
{
    const char Other = '\uD800';        // in the table: not one UTF-16 unit

    // Hangul syllables (The Unicode Standard, 3.12).
    const int FirstSyllable = 0xAC00, Syllables = 11_172, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeTrail = 0x11A7, Vowels = 21, Trails = 28;

    static readonly Dictionary<int, int> Bases = ReadBases();
    static readonly char[] Units = [.. Enumerable.Range(0, 0x10000).Select(UnitOf)];

    /// <summary>Appends what the first character of a text becomes: nothing for a mark, several for a Hangul syllable. Half of a surrogate pair becomes U+FFFD.</summary>
    /// <returns>The character's length in the text.</returns>
    public static int Append(ReadOnlySpan<char> text, List<char> output)
    {
        var unit = Units[text[0]];
        if (unit != Other)
        {
            output.Add(unit);
            return 1;
        }
        Rune.DecodeFromUtf16(text, out var character, out var length);
        if (character.Value - FirstSyllable is >= 0 and < Syllables and var syllable)
        {
            AppendLetters(syllable, output);
        }
        else if (Normalize(character) is { } normal)
        {
            Span<char> units = stackalloc char[2];
            output.AddRange(units[..normal.EncodeToUtf16(units)]);
        }
        return length;
    }

    static void AppendLetters(int syllable, List<char> output)
    {
        output.Add((char)(FirstLead + syllable / (Vowels * Trails)));
        output.Add((char)(FirstVowel + syllable % (Vowels * Trails) / Trails));
        if (syllable % Trails is > 0 and var trail)
        {
            output.Add((char)(BeforeTrail + trail));
        }
    }

    /// <summary>Any character but a Hangul syllable; null for a mark.</summary>
    static Rune? Normalize(Rune character)
    {
        var lower = Rune.ToLowerInvariant(new Rune(Bases.GetValueOrDefault(character.Value, character.Value)));
        return Rune.GetUnicodeCategory(lower) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark ? null : lower;
    }

    static char UnitOf(int unit) =>
        char.IsSurrogate((char)unit) || unit - FirstSyllable is >= 0 and < Syllables ? Other
        : Normalize(new Rune(unit)) is { IsBmp: true } normal ? (char)normal.Value
        : Other;

    static Dictionary<int, int> ReadBases()
    {
        using var reader = new StreamReader(typeof(CharacterNormalizer).Assembly.GetManifestResourceStream("base-characters.txt")!);
        var bases = new Dictionary<int, int>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                int[] characters = [.. line.Split(' ').Select(hex => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
                foreach (var character in characters[1..])
                {
                    bases.Add(character, characters[0]);
                }
            }
        }
        return bases;
    }
}
