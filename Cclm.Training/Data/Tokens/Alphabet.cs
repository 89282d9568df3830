using System.Runtime.InteropServices;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>The single characters that a tokenizer knows.</summary>
static class Alphabet
{
    /// <summary>The most frequent characters of words, in code-point order.</summary>
    public static IEnumerable<Rune> Of(IReadOnlyDictionary<string, long> words, SubwordTokenizerOptions options)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
        {
            foreach (var character in word.EnumerateRunes())
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += count;
            }
        }
        return counts.Where(character => character.Value >= options.MinCount)
            .OrderByDescending(character => character.Value).ThenBy(character => character.Key).Take(options.CharacterLimit)
            .Select(character => character.Key).Order();
    }
}
