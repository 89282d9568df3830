namespace Cclm.Training.Data;

/// <summary>Kinds of errors, mixed by weight.</summary>
static class NoiseKinds
{
    /// <summary>
    /// Weights of the typing errors: how often each is the one error in the misspellings of codespell's dictionary, typed by
    /// programmers (a test counts them).
    /// </summary>
    internal const int Drops = 50, Transpositions = 28, Doublings = 13, NeighbourKeys = 9;

    /// <summary>A word in the wrong case.</summary>
    public static WordError Case { get; } =
        WordNoise.Any((4, LetterCase.LowerWord), (2, LetterCase.UpperWord), (2, LetterCase.Capital), (1, LetterCase.SecondCapital));

    /// <summary>A space lost, doubled or out of place.</summary>
    public static WordError WhiteSpace { get; } = WordNoise.Any((1, Spaces.Lose), (1, Spaces.Double), (1, Spaces.Insert));

    /// <summary>A slip of the fingers.</summary>
    public static WordError Typing(KeyboardLayout layout) => WordNoise.Any(
        (Drops, TypingErrors.Drop), (Transpositions, TypingErrors.Transpose), (Doublings, TypingErrors.Double), (NeighbourKeys, layout.Mistype));

    /// <summary>Every kind. Between the kinds the weights are a choice: most errors are typed, a few are scanned or forged.</summary>
    public static WordError All(KeyboardLayout layout, MisspellingList? list)
    {
        (int, WordError)[] kinds =
        [
            (50, Typing(layout)), (15, Case), (15, WhiteSpace), (10, ConfusionTables.Ocr.ConfuseOne), (8, Accents.Strip), (2, ConfusionTables.Homoglyphs.ConfuseOne),
        ];
        return WordNoise.Any(list is null ? kinds : [.. kinds, (100, list.Misspell)]);
    }
}
