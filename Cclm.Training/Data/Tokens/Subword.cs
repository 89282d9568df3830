namespace Cclm.Training.Data;

/// <summary>One token of a text, and what it covers in the text as it was given.</summary>
/// <remarks>
/// The ranges of a text's tokens follow one another without overlap and cover every character of its words, marks included. A range is
/// empty where a token has no character of its own: a Hangul syllable whose letters two tokens share belongs to the first of them.
/// </remarks>
/// <param name="Id">The token's id.</param>
/// <param name="Utf16">What it covers, in UTF-16 units: <c>text[subword.Utf16]</c>.</param>
/// <param name="Characters">The same in characters (Unicode scalar values): <c>ids[subword.Characters]</c> of a text's ids.</param>
public readonly record struct Subword(int Id, Range Utf16, Range Characters);
