using System.Runtime.InteropServices;
using System.Text;

namespace Cclm.Inference;

/// <summary>How often each code point occurs. A lone surrogate counts as U+FFFD.</summary>
sealed class CharacterCounts
{
    readonly Dictionary<int, long> counts = [];

    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, rune.Value, out _)++;
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
        var kept = counts.Where(character => character.Value >= options.MinCount);
        if (options.MaxSize is { } size)
        {
            kept = kept.OrderByDescending(character => character.Value).ThenBy(character => character.Key).Take(size - Vocabulary.FirstCharacter);
        }
        return [.. kept.Select(character => new Rune(character.Key)).Order()];
    }
}
