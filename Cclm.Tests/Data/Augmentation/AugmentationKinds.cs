using Cclm.Training.Data;

namespace Cclm.Tests.Data;

/// <summary>Every augmentor with a rate, by name, and text of all sorts to try it on.</summary>
static class AugmentationKinds
{
    public const string Sentence = "the Naïve café-owner opens the mail, reads 10 lines of it at Zürich, and then doesn't close the door.";

    static MisspellingList List { get; } = MakeList();

    /// <summary>Whose rate is the share of the words.</summary>
    public static readonly IReadOnlyDictionary<string, Func<double, Augmentor>> OfWords = new Dictionary<string, Func<double, Augmentor>>
    {
        ["typos"] = rate => Augmentors.Typos(rate),
        ["neighbour keys"] = rate => Augmentors.NeighbourKeys(rate),
        ["transpositions"] = Augmentors.Transpositions,
        ["drops"] = Augmentors.Drops,
        ["doublings"] = Augmentors.Doublings,
        ["misspellings"] = rate => Augmentors.Misspellings(rate, List),
        ["case"] = Augmentors.Case,
        ["white space"] = Augmentors.WhiteSpace,
        ["stripped accents"] = Augmentors.StrippedAccents,
        ["noise"] = level => Augmentors.Noise(level),
        ["noise with misspellings"] = level => Augmentors.Noise(level, List),
    };

    public static readonly IReadOnlyDictionary<string, Func<double, Augmentor>> OfCharacters = new Dictionary<string, Func<double, Augmentor>>
    {
        ["OCR confusions"] = Augmentors.OcrConfusions,
        ["homoglyphs"] = Augmentors.Homoglyphs,
    };

    public static readonly IReadOnlyDictionary<string, Func<double, Augmentor>> OfTexts = new Dictionary<string, Func<double, Augmentor>>
    {
        ["lower"] = Augmentors.Lower,
        ["upper"] = Augmentors.Upper,
        ["title first"] = Augmentors.TitleFirst,
    };

    public static IEnumerable<string> Names => OfWords.Keys.Concat(OfCharacters.Keys).Concat(OfTexts.Keys);

    public static Augmentor Make(string name, double rate) =>
        (OfWords.GetValueOrDefault(name) ?? OfCharacters.GetValueOrDefault(name) ?? OfTexts[name])(rate);

    /// <summary>Pieces of text that are easily broken, each a whole number of characters as readers see them.</summary>
    public static readonly string[] Pieces =
    [
        "", " ", "  ", "a", "I", "ab", "Cat", "don't", "rock’n’roll", "naïve", "Ünïcode", "e\u0301te\u0301", "a\u0300\u0301\u0302", "ſs", "ß", "İı", "x²", "3rd", "1\ufe0f\u20e3",
        "😀", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "a🏽", "❤️", "x😀y", "𐐷𐐷𐐨", "𝒳𝒴", "日本語テキスト", "が\u3099", "한국어", "\u1112\u1161\u11ab", "שלום", "שָׁלוֹם", "مرحبا", "نمی\u200cخواهم", "क्षत्रिय", "ภาษาไทย", "น้ำ",
        "Привет", "ёжик", "и\u0306", "Ελλάδα", "ᾳ", "tab\tand\nline\r\n", "under_score-d2", "...", "\u0301 mark", " \u0301", "\u200d", "\ufeff", "\u202eright\u202c", "mm rn cl", "\u0345", "ǅ",
    ];

    /// <summary>The same text for the same seed: some of the pieces, with spaces between some.</summary>
    public static string Text(int seed)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Pieces[random.Next(Pieces.Length)] + (random.Next(3) == 0 ? " " : "")));
    }

    static MisspellingList MakeList()
    {
        using var folder = new TempFolder();
        return MisspellingList.Load(folder.Write("list.tsv", "teh\tthe\nrecieve\treceive\nabcdefhg\tabcdefgh\nabcdegh\tabcdefgh\ndosen't\tdoesn't\na nd\tand\n"));
    }
}
