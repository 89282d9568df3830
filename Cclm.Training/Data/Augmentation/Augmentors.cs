namespace Cclm.Training.Data;

/// <summary>Augmentors, and ways to join them.</summary>
/// <remarks>
/// <para>A word is a run of letters and digits with their combining marks, and of apostrophes between them; in scripts that are written
/// without spaces (Han, kana, Thai, Lao, Khmer, Burmese) two characters are one. What is no word, such as emoji, stays as it is.</para>
/// <para>A <c>rate</c> is the probability of each word (or character, or text, where it is said) to be changed, if it is one that can
/// be: <c>StrippedAccents(1)</c> changes every word that has accents, and no other. A word gets one change.</para>
/// <para>A character that is changed, moved or dropped is one as readers see it: a surrogate pair stays whole, and combining marks stay
/// on their letter. Text that is valid stays so. Results depend on the text and on the <see cref="Random"/> alone.</para>
/// </remarks>
public static class Augmentors
{
    static readonly Augmentor Identity = (text, _) => text;

    /// <summary><c>Compose(f, g)(x) = g(f(x))</c>: each augmentor changes what the one before it made.</summary>
    public static Augmentor Compose(params Augmentor[] augmentors) =>
        (text, random) => augmentors.Aggregate(text, (changed, augmentor) => augmentor(changed, random));

    /// <summary>The whole text in lower case. Of i with and without dot (İ, ı), which only Turkish pairs, each stays as it is.</summary>
    /// <param name="probability">Of each text, 0 to 1.</param>
    public static Augmentor Lower(double probability) => Whole(probability, LetterCase.Lower);

    /// <summary>The whole text in upper case, character by character: ß, which has no single capital, stays.</summary>
    /// <inheritdoc cref="Lower"/>
    public static Augmentor Upper(double probability) => Whole(probability, LetterCase.Upper);

    /// <summary>The first character of the text in upper case.</summary>
    /// <inheritdoc cref="Lower"/>
    public static Augmentor TitleFirst(double probability) => Whole(probability, LetterCase.TitleFirst);

    /// <summary>One typing error a word: one of the four kinds below, in the proportions of <see cref="Noise"/>.</summary>
    /// <param name="rate">The probability of each word.</param>
    /// <param name="layout">Where keys lie; QWERTY if null.</param>
    public static Augmentor Typos(double rate, KeyboardLayout? layout = null) => Words(rate, NoiseKinds.Typing(layout ?? KeyboardLayout.Qwerty));

    /// <summary>A character replaced by that of a key beside its own, in the same case.</summary>
    /// <param name="rate">The probability of each word that has a character of the layout.</param>
    /// <param name="layout">Where keys lie; QWERTY if null.</param>
    public static Augmentor NeighbourKeys(double rate, KeyboardLayout? layout = null) => Words(rate, (layout ?? KeyboardLayout.Qwerty).Mistype);

    /// <summary>Two different characters side by side in the wrong order.</summary>
    /// <param name="rate">The probability of each word that has two different characters.</param>
    public static Augmentor Transpositions(double rate) => Words(rate, TypingErrors.Transpose);

    /// <summary>A character left out.</summary>
    /// <param name="rate">The probability of each word of two or more characters.</param>
    public static Augmentor Drops(double rate) => Words(rate, TypingErrors.Drop);

    /// <summary>A character written twice.</summary>
    /// <param name="rate">The probability of each word.</param>
    public static Augmentor Doublings(double rate) => Words(rate, TypingErrors.Double);

    /// <summary>A word written as others really misspelt it, in the case that it has; each of its misspellings is as likely as the others.</summary>
    /// <param name="rate">The probability of each word that is in the list.</param>
    /// <param name="list">Misspellings, as <see cref="MisspellingList.Load"/> reads them.</param>
    public static Augmentor Misspellings(double rate, MisspellingList list) => Words(rate, list.Misspell);

    /// <summary>A word in the wrong case: all lower, all upper, a capital at its beginning, or a second one where Shift was held too long.</summary>
    /// <param name="rate">The probability of each word that has letters with case.</param>
    public static Augmentor Case(double rate) => Words(rate, NoiseKinds.Case);

    /// <summary>The space after a word lost or doubled, or one put into the word.</summary>
    /// <param name="rate">The probability of each word of two or more characters or with a space after it.</param>
    public static Augmentor WhiteSpace(double rate) => Words(rate, NoiseKinds.WhiteSpace);

    /// <summary>A word without its accents: letters of the Latin, Greek and Cyrillic scripts as they are written where the keyboard has no others.</summary>
    /// <param name="rate">The probability of each word that has accents.</param>
    public static Augmentor StrippedAccents(double rate) => Words(rate, Accents.Strip);

    /// <summary>Characters as a scanner misreads them: rn for m, 0 for O, 1 for l.</summary>
    /// <param name="rate">The probability of each character that looks like another, 0 to 1.</param>
    public static Augmentor OcrConfusions(double rate) => Characters(rate, ConfusionTables.Ocr);

    /// <summary>Letters replaced by those of another script that look the same: a Cyrillic а for a Latin a.</summary>
    /// <inheritdoc cref="OcrConfusions"/>
    public static Augmentor Homoglyphs(double rate) => Characters(rate, ConfusionTables.Homoglyphs);

    /// <summary>
    /// All kinds of errors in words, mixed as they come: half are typing errors and the rest case, white space, OCR, accents and
    /// homoglyphs; with a list, half of all are misspellings of it where it has the word. One number, to be swept in evaluation.
    /// </summary>
    /// <param name="level">The share of the words that get an error, 0 to 1: at 0 the text stays the same, at 1 every word has one.</param>
    /// <param name="list">Real misspellings, if there are any.</param>
    /// <param name="layout">Where keys lie; QWERTY if null.</param>
    public static Augmentor Noise(double level, MisspellingList? list = null, KeyboardLayout? layout = null) =>
        Words(level, NoiseKinds.All(layout ?? KeyboardLayout.Qwerty, list));

    static Augmentor Words(double rate, WordError error) =>
        Checked(rate) == 0 ? Identity : (text, random) => WordNoise.Apply(text, rate, error, random);

    static Augmentor Characters(double rate, Confusions confusions) =>
        Checked(rate) == 0 ? Identity : (text, random) => confusions.Confuse(text, rate, random);

    static Augmentor Whole(double probability, Func<string, string> change) =>
        Checked(probability) == 0 ? Identity : (text, random) => random.NextDouble() < probability ? change(text) : text;

    static double Checked(double probability) => probability is >= 0 and <= 1 ? probability
        : throw new ArgumentOutOfRangeException(nameof(probability), probability, "Expected a probability, 0 to 1.");
}
