using System.Globalization;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>Where words begin and end, as <see cref="Augmentors"/> says what a word is.</summary>
static class Words
{
    const int UnspacedCharacters = 2;       // a word of a script without spaces: most Chinese ones are so long

    enum Kind : byte
    {
        Other,
        Letter,                             // or digit
        Unspaced,                           // of a script that is written without spaces
        Mark,                               // what goes with the letter before it
    }

    /// <summary>The kind of each UTF-16 unit that is a character: looking up categories takes most of the time otherwise.</summary>
    static readonly Kind[] Units = [.. Enumerable.Range(0, char.MaxValue + 1).Select(KindOf)];

    /// <summary>Where the first word at or after a place begins; the text's length if there is none.</summary>
    static int Begin(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && KindAt(text, at, out var length) is not (Kind.Letter or Kind.Unspaced))
        {
            at += length;
        }
        return at;
    }

    /// <summary>Where the word that begins at a place ends.</summary>
    static int End(ReadOnlySpan<char> text, int begin)
    {
        if (KindAt(text, begin, out _) == Kind.Unspaced)
        {
            return EndOfUnspaced(text, begin);
        }
        var (end, last) = (begin, begin);
        for (var length = 0; end < text.Length; end += length)
        {
            var kind = KindAt(text, end, out length);
            if (kind == Kind.Letter)
            {
                last = end;
            }
            else if (kind != Kind.Mark && !IsInnerApostrophe(text, end, last))
            {
                break;
            }
        }
        // What is no mark can still belong to the last letter, such as an emoji's skin tone.
        return end == text.Length || TextElements.StandsAlone(text[end]) ? end : Math.Max(end, last + TextElements.LengthAt(text, last));
    }

    /// <summary>Where each word of a text is.</summary>
    public static IEnumerable<(int Begin, int End)> Places(string text)
    {
        for (int begin = Begin(text, 0), end; begin < text.Length; begin = Begin(text, end))
        {
            end = End(text, begin);
            yield return (begin, end);
        }
    }

    /// <summary>Words in a row from somewhere in a text, with what is between them: from half of a number to half more. The text itself where it has no more.</summary>
    public static string Excerpt(string text, int words, Random random)
    {
        var places = Places(text).ToList();
        var count = random.Next((words + 1) / 2, words + (words / 2) + 1);
        if (places.Count <= count)
        {
            return text;
        }
        var first = random.Next(places.Count - count + 1);
        return text[places[first].Begin..places[first + count - 1].End];
    }

    static int EndOfUnspaced(ReadOnlySpan<char> text, int begin)
    {
        var end = begin;
        for (var i = 0; i < UnspacedCharacters && end < text.Length && KindAt(text, end, out _) == Kind.Unspaced; i++)
        {
            end += TextElements.LengthAt(text, end);
        }
        return end;
    }

    static bool IsInnerApostrophe(ReadOnlySpan<char> text, int at, int last) =>
        text[at] is '\'' or '’' && last == at - 1 && at + 1 < text.Length && KindAt(text, at + 1, out _) == Kind.Letter;

    static Kind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        if (!char.IsSurrogate(text[at]))
        {
            length = 1;
            return Units[text[at]];
        }
        Rune.DecodeFromUtf16(text[at..], out var rune, out length);         // a lone surrogate reads as U+FFFD, which is no letter
        return KindOf(rune.Value);
    }

    static Kind KindOf(int character) => CharUnicodeInfo.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter => Kind.Letter,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber =>
            IsUnspaced(character) ? Kind.Unspaced : Kind.Letter,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Kind.Mark,
        _ => character is 0x200C or 0x200D ? Kind.Mark : Kind.Other,        // (non-)joiners, which Persian and Indic words are written with
    };

    static bool IsUnspaced(int character) => character
        is (>= 0x0E00 and < 0x0F00)         // Thai, Lao
        or (>= 0x1000 and < 0x10A0)         // Burmese
        or (>= 0x1780 and < 0x1800)         // Khmer
        or (>= 0x3000 and < 0x3200)         // kana
        or (>= 0x3400 and < 0xA000) or (>= 0xF900 and < 0xFB00) or (>= 0x20000 and < 0x40000);      // Han
}
