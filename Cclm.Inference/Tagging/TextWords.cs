using System.Globalization;
using System.Text;

namespace Cclm.Inference;

/// <summary>A text's words, as corpora of tags have them, and where they stand.</summary>
/// <remarks>
/// What a person takes for one character, such as an emoji of several code points, is never parted. Runs of letters, digits and marks are
/// words, and so is each other character that is no white space. An apostrophe between two of a run belongs to it (O'Brien), but 's at
/// its end is a word (Germany 's).
/// </remarks>
sealed class TextWords
{
    readonly string text;
    readonly List<Range> places = [];

    public TextWords(string text)
    {
        this.text = text;
        var start = -1;         // of a run; -1 in none
        for (int at = 0, next; at < text.Length; at = next)
        {
            next = at + StringInfo.GetNextTextElementLength(text, at);
            if (IsLetter(at) || (start >= 0 && IsApostrophe(at, next) && IsLetter(next) && !IsPossessive(at)))
            {
                start = start < 0 ? at : start;
                continue;
            }
            var possessed = start >= 0 && IsPossessive(at);
            EndRun(start, at);
            start = possessed ? at : -1;
            if (!possessed && !Rune.IsWhiteSpace(First(at)))
            {
                places.Add(at..next);
            }
        }
        EndRun(start, text.Length);
        Words = [.. places.Select(place => text[place])];
    }

    /// <summary>The words, in order.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Spans of the words as spans of the text.</summary>
    public IReadOnlyList<TaggedSpan> SpansOf(TaggedWords tagged) => [.. tagged.Spans.Select(span =>
    {
        var (start, end) = (places[span.First].Start.Value, places[span.First + span.Count - 1].End.Value);
        return new TaggedSpan(span.Label, start, end - start, text[start..end], span.Score);
    })];

    void EndRun(int start, int end)
    {
        if (start >= 0)
        {
            places.Add(start..end);
        }
    }

    bool IsApostrophe(int at, int next) => next == at + 1 && text[at] is '\'' or '\u2019';

    /// <summary>Whether an apostrophe, an s and the end of a run stand here.</summary>
    bool IsPossessive(int at) => at + 1 < text.Length && IsApostrophe(at, at + 1) && text[at + 1] is 's' or 'S' && !IsLetter(at + 2);

    bool IsLetter(int at) => at < text.Length && Rune.GetUnicodeCategory(First(at)) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>The code point that begins here; U+FFFD for a lone surrogate.</summary>
    Rune First(int at)
    {
        Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out _);
        return rune;
    }
}
