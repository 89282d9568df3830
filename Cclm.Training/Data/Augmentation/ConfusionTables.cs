namespace Cclm.Training.Data;

/// <summary>What looks alike.</summary>
static class ConfusionTables
{
    /// <summary>What programs that read scanned pages take for each other.</summary>
    public static Confusions Ocr { get; } = new(
    [
        ("m", "rn"), ("w", "vv"), ("d", "cl"), ("h", "li"), ("u", "ii"), ("n", "ri"),                   // joined and parted
        ("l", "1"), ("l", "I"), ("I", "1"), ("i", "l"), ("i", "1"), ("i", "j"), ("f", "t"),             // strokes
        ("O", "0"), ("o", "0"), ("S", "5"), ("s", "5"), ("Z", "2"), ("z", "2"), ("B", "8"), ("G", "6"), ("b", "6"), ("g", "9"), ("q", "9"),
        ("c", "e"), ("o", "c"), ("a", "o"), ("g", "q"), ("b", "h"), ("n", "u"), ("v", "y"),
        ("D", "O"), ("O", "Q"), ("C", "G"), ("E", "F"), ("U", "V"),
        (".", ","), (";", ":"),
        ("ш", "щ"), ("и", "н"), ("л", "п"), ("ь", "ъ"), ("т", "г"), ("е", "с"), ("Ш", "Щ"), ("И", "Н"), ("Л", "П"), ("Ь", "Ъ"),
    ]);

    /// <summary>Letters of the Latin, Cyrillic and Greek scripts that most typefaces draw alike.</summary>
    public static Confusions Homoglyphs { get; } = new(((string[])
    [
        // Latin, then Cyrillic (U+04xx, U+05xx), then Greek (U+03xx)
        "a\u0430", "c\u0441\u03f2", "d\u0501", "e\u0435", "h\u04bb", "i\u0456", "j\u0458\u03f3", "o\u043e\u03bf", "p\u0440\u03c1",
        "q\u051b", "s\u0455", "v\u0475\u03bd", "w\u051d", "x\u0445", "y\u0443", "\u0457\u03ca",
        "A\u0410\u0391", "B\u0412\u0392", "C\u0421\u03f9", "E\u0415\u0395", "H\u041d\u0397", "I\u0406\u0399", "J\u0408", "K\u041a\u039a",
        "M\u041c\u039c", "N\u039d", "O\u041e\u039f", "P\u0420\u03a1", "Q\u051a", "S\u0405", "T\u0422\u03a4", "V\u0474", "W\u051c",
        "X\u0425\u03a7", "Y\u04ae\u03a5", "Z\u0396", "\u0413\u0393", "\u041f\u03a0", "\u0424\u03a6",
    ]).SelectMany(alike => alike.SelectMany((one, i) => alike[(i + 1)..].Select(other => ($"{one}", $"{other}")))));
}
