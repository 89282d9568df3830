using System.Text.Json;

namespace Cclm.Training.Data;

/// <summary>What a recipe or a command line says of the noise in training; each number is 0 to 1, and 0 leaves the kind out.</summary>
/// <remarks>Kinds come in the order in which they stand here, each on what those before it made.</remarks>
public sealed record AugmentationOptions
{
    /// <summary>The share of the texts in lower case.</summary>
    public double Lower { get; init; }

    /// <summary>The share of the texts whose first character is made upper case.</summary>
    public double TitleFirst { get; init; }

    /// <summary>The share of the texts in upper case.</summary>
    public double Upper { get; init; }

    /// <summary>The share of the words in the list <see cref="Misspellings"/> that are misspelt by it.</summary>
    public double Misspelt { get; init; }

    /// <summary>The share of the words with a typing error of any kind.</summary>
    public double Typos { get; init; }

    /// <summary>The share of the words with a character of a key beside the right one.</summary>
    public double NeighbourKeys { get; init; }

    /// <summary>The share of the words with two characters in the wrong order.</summary>
    public double Transpositions { get; init; }

    /// <summary>The share of the words with a character left out.</summary>
    public double Drops { get; init; }

    /// <summary>The share of the words with a character written twice.</summary>
    public double Doublings { get; init; }

    /// <summary>The share of the words in the wrong case.</summary>
    public double Case { get; init; }

    /// <summary>The share of the words without their accents.</summary>
    public double StrippedAccents { get; init; }

    /// <summary>The share of the words with a space lost, doubled or out of place.</summary>
    public double WhiteSpace { get; init; }

    /// <summary>The share of the characters that look like others to a scanner and are taken for them.</summary>
    public double OcrConfusions { get; init; }

    /// <summary>The share of the characters that look like one of another script and are replaced by it.</summary>
    public double Homoglyphs { get; init; }

    /// <summary>The share of the words with an error of any kind, misspellings included.</summary>
    public double Noise { get; init; }

    /// <summary>A file of real misspellings, <c>wrong&lt;TAB&gt;right</c> a line, for <see cref="Misspelt"/> and <see cref="Noise"/>.</summary>
    [FileOption]
    public string? Misspellings { get; init; }

    /// <summary>The keyboard: <c>qwerty</c>, <c>qwertz</c>, <c>azerty</c>, <c>jcuken</c>, or its rows of keys with a space between them.</summary>
    public string Keyboard { get; init; } = "qwerty";

    /// <summary>Makes the augmentor, and reads the list of misspellings for it.</summary>
    /// <returns>Null where nothing is asked for.</returns>
    /// <exception cref="ArgumentException">A number is no probability, the keyboard is unknown, or a list is named that nothing uses or used but not named.</exception>
    /// <exception cref="FileNotFoundException">There is no such list.</exception>
    /// <exception cref="InvalidDataException">The list can not be read; the message names file and line.</exception>
    public Augmentor? Create()
    {
        var layout = KeyboardLayout.Parse(Keyboard);
        var list = OpenMisspellings();
        Augmentor[] chosen =
        [
            .. Kind(nameof(Lower), Lower, Augmentors.Lower), .. Kind(nameof(TitleFirst), TitleFirst, Augmentors.TitleFirst), .. Kind(nameof(Upper), Upper, Augmentors.Upper),
            .. Kind(nameof(Misspelt), Misspelt, rate => Augmentors.Misspellings(rate, list!)),
            .. Kind(nameof(Typos), Typos, rate => Augmentors.Typos(rate, layout)), .. Kind(nameof(NeighbourKeys), NeighbourKeys, rate => Augmentors.NeighbourKeys(rate, layout)),
            .. Kind(nameof(Transpositions), Transpositions, Augmentors.Transpositions), .. Kind(nameof(Drops), Drops, Augmentors.Drops), .. Kind(nameof(Doublings), Doublings, Augmentors.Doublings),
            .. Kind(nameof(Case), Case, Augmentors.Case), .. Kind(nameof(StrippedAccents), StrippedAccents, Augmentors.StrippedAccents), .. Kind(nameof(WhiteSpace), WhiteSpace, Augmentors.WhiteSpace),
            .. Kind(nameof(OcrConfusions), OcrConfusions, Augmentors.OcrConfusions), .. Kind(nameof(Homoglyphs), Homoglyphs, Augmentors.Homoglyphs),
            .. Kind(nameof(Noise), Noise, level => Augmentors.Noise(level, list, layout)),
        ];
        return chosen.Length == 0 ? null : Augmentors.Compose(chosen);
    }

    MisspellingList? OpenMisspellings() => (Misspellings, Misspelt != 0, Noise != 0) switch
    {
        (null, true, _) => throw new ArgumentException("'misspelt' asks for misspellings, but there is no list of them. Name a file: \"misspellings\": \"misspellings.tsv\".", nameof(Misspellings)),
        (not null, false, false) => throw new ArgumentException($"The misspellings of '{Misspellings}' would not be used. Say how many with 'misspelt' or 'noise', or leave the list out.", nameof(Misspellings)),
        (null, _, _) => null,
        _ => MisspellingList.Load(Misspellings),
    };

    static Augmentor[] Kind(string name, double rate, Func<double, Augmentor> create) => rate switch
    {
        0 => [],
        > 0 and <= 1 => [create(rate)],
        _ => throw new ArgumentException($"'{JsonNamingPolicy.CamelCase.ConvertName(name)}' is {rate}; expected a share, 0 to 1.", name),
    };
}
