using System.Text;

namespace Cclm.Inference;

/// <summary>How often each code point occurs. A lone surrogate counts as U+FFFD.</summary>
sealed class CharacterCounts
{
    readonly long[] counts = new long[0x110000];

    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            counts[rune.Value]++;
        }
    }

    /// <summary>Reads to the end, in blocks: the stream may be larger than memory.</summary>
    public void Add(TextReader reader)
    {
        var block = new char[1 << 16];
        var carried = 0;    // the first half of a surrogate pair that the end of a block cut in two
        int read;
        while ((read = reader.Read(block, carried, block.Length - carried)) > 0)
        {
            var length = carried + read;
            carried = char.IsHighSurrogate(block[length - 1]) ? 1 : 0;
            Add(block.AsSpan(0, length - carried));
            block[0] = block[length - 1];
        }
        Add(block.AsSpan(0, carried));
    }

    /// <summary>The characters to keep, in code-point order.</summary>
    public Rune[] Select(VocabularyOptions options)
    {
        IEnumerable<int> kept = Seen(options.MinCount);
        if (options.MaxSize is { } size)
        {
            kept = kept.OrderByDescending(codePoint => counts[codePoint]).ThenBy(codePoint => codePoint).Take(size - Vocabulary.FirstCharacter).Order();
        }
        return [.. kept.Select(codePoint => new Rune(codePoint))];
    }

    List<int> Seen(int minCount)
    {
        var seen = new List<int>();
        for (var codePoint = 0; codePoint < counts.Length; codePoint++)
        {
            if (counts[codePoint] >= minCount)
            {
                seen.Add(codePoint);
            }
        }
        return seen;
    }
}
