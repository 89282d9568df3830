using System.Runtime.InteropServices;

namespace Cclm.Training.Data;

/// <summary>A text as <see cref="CharacterNormalizer"/> makes it, its words, and the places in the original that they came from.</summary>
/// <remarks>May be filled again and again: one for each thread.</remarks>
sealed class NormalizedText
{
    /// <summary>A longer word is taken in parts of so many UTF-16 units: Microsoft.ML.Tokenizers' time grows with the square of a word's length.</summary>
    public const int MaxWord = 1000;

    readonly List<char> units = [];
    readonly List<int> sources = [];        // of each unit, the UTF-16 unit of the original where its character begins
    int originalLength;

    public NormalizedText(ReadOnlySpan<char> text = default) => Read(text);

    /// <summary>Part of the normalised text.</summary>
    public ReadOnlySpan<char> this[Range range] => CollectionsMarshal.AsSpan(units)[range];

    /// <summary>Takes another text.</summary>
    public void Read(ReadOnlySpan<char> text)
    {
        units.Clear();
        sources.Clear();
        originalLength = text.Length;
        for (var at = 0; at < text.Length;)
        {
            var length = CharacterNormalizer.Append(text[at..], units);
            while (sources.Count < units.Count)
            {
                sources.Add(at);
            }
            at += length;
        }
    }

    /// <summary>What stands between white space (the Unicode property White_Space, for which .NET and Hugging Face's WhitespaceSplit have the same characters).</summary>
    public IEnumerable<Range> Words()
    {
        for (var begin = 0; begin < units.Count;)
        {
            var end = begin;
            while (end < units.Count && end - begin < MaxWord && !char.IsWhiteSpace(units[end]))
            {
                end++;
            }
            end += end < units.Count && char.IsLowSurrogate(units[end]) ? 1 : 0;
            if (end > begin)
            {
                yield return begin..end;
            }
            begin = Math.Max(end, begin + 1);
        }
    }

    /// <summary>Where the original divides as the normalised text does at a place within a word or at its begin or end.</summary>
    /// <remarks>Marks go with the character before them, at the begin of a word with the one behind them.</remarks>
    public int Original(int place)
    {
        if (place == 0)
        {
            return 0;
        }
        if (char.IsWhiteSpace(units[place - 1]))
        {
            return sources[place - 1] + 1;
        }
        while (place < units.Count && sources[place] == sources[place - 1])         // within a character
        {
            place++;
        }
        return place < units.Count ? sources[place] : originalLength;
    }
}
