using System.Text;

namespace Cclm.Training.Data;

/// <summary>How hands mistype words on a QWERTY keyboard.</summary>
static class Typing
{
    /// <summary>The keys around each letter, from a to z.</summary>
    static readonly string[] Neighbours =
    [
        "qwsz", "vghn", "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko", "huikmn", "jiolm", "kop", "njk",
        "bhjm", "iklp", "ol", "wa", "edft", "awedxz", "rfgy", "yhji", "cfgb", "qase", "zsdc", "tghu", "asx",
    ];

    /// <summary>Gives each word one error with the probability <paramref name="rate"/>.</summary>
    public static string Mistype(string text, double rate, Random random)
    {
        StringBuilder? changed = null;
        var copied = 0;                                         // text[..copied] is in changed
        for (var begin = 0; begin < text.Length;)
        {
            var end = begin + WordLength(text.AsSpan(begin));
            if (end == begin)
            {
                begin++;
                continue;
            }
            if (random.NextDouble() < rate)
            {
                changed ??= new(text.Length + 16);
                changed.Append(text, copied, begin - copied);
                AppendMistyped(changed, text.AsSpan(begin, end - begin), random);
                copied = end;
            }
            begin = end;
        }
        return changed?.Append(text, copied, text.Length - copied).ToString() ?? text;
    }

    /// <summary>UTF-16 units up to the first character that is neither a letter nor a digit.</summary>
    static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())             // a lone surrogate reads as U+FFFD, which is no letter
        {
            if (!Rune.IsLetterOrDigit(rune))
            {
                break;
            }
            length += rune.Utf16SequenceLength;
        }
        return length;
    }

    static void AppendMistyped(StringBuilder output, ReadOnlySpan<char> word, Random random)
    {
        var begin = AnyCharacter(word, random);
        var end = begin + LengthAt(word, begin);
        var hit = word[begin..end];
        var after = word[end..];
        output.Append(word[..begin]);
        switch (random.Next(4))
        {
            case 0 when Neighbour(word[begin], random) is { } neighbour:
                output.Append(neighbour).Append(after);
                break;
            case 1 when after.Length > 0:                       // swapped with the next
                var next = LengthAt(word, end);
                output.Append(after[..next]).Append(hit).Append(after[next..]);
                break;
            case 2 when hit.Length < word.Length:               // left out, but never the whole word
                output.Append(after);
                break;
            default:                                            // doubled: possible in every word
                output.Append(hit).Append(hit).Append(after);
                break;
        }
    }

    /// <summary>Where one of a word's characters begins, each as likely as the others.</summary>
    static int AnyCharacter(ReadOnlySpan<char> word, Random random)
    {
        var count = 0;
        for (var i = 0; i < word.Length; i += LengthAt(word, i))
        {
            count++;
        }
        var at = 0;
        for (var skip = random.Next(count); skip > 0; skip--)
        {
            at += LengthAt(word, at);
        }
        return at;
    }

    static int LengthAt(ReadOnlySpan<char> word, int index) => char.IsHighSurrogate(word[index]) ? 2 : 1;     // words hold whole pairs only

    static char? Neighbour(char letter, Random random)
    {
        if (!char.IsAsciiLetter(letter))
        {
            return null;
        }
        var keys = Neighbours[char.ToLowerInvariant(letter) - 'a'];
        var key = keys[random.Next(keys.Length)];
        return char.IsUpper(letter) ? char.ToUpperInvariant(key) : key;
    }
}
