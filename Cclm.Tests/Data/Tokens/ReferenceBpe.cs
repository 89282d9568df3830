using Cclm.Training.Data;

namespace Cclm.Tests.Data;

/// <summary>Byte pair encoding as the paper writes it down: all pairs of all words are counted anew for each merge. Slow, and plain to see.</summary>
static class ReferenceBpe
{
    /// <summary>Learns from texts of small letters and spaces.</summary>
    public static (List<string> Vocabulary, List<(string Left, string Right)> Merges) Learn(IEnumerable<string> texts, SubwordTokenizerOptions options)
    {
        var characters = texts.SelectMany(text => text.Where(letter => letter != ' ')).CountBy(letter => letter)
            .Where(count => count.Value >= options.MinCount).OrderByDescending(count => count.Value).ThenBy(count => count.Key)
            .Take(options.MaxCharacters ?? options.VocabularySize / 2).Select(count => count.Key).Order().ToList();
        List<string> vocabulary = ["[UNK]", "[MASK]", "[CLS]", .. characters.Select(letter => $"{letter}")];
        List<(string, string)> merges = [];
        var words = texts.SelectMany(text => text.Split(' ')).Select(word => word.Select(letter => characters.Contains(letter) ? $"{letter}" : null).ToList()).ToList();
        while (vocabulary.Count < options.VocabularySize)
        {
            var pairs = words.SelectMany(Pairs).Where(pair => pair is { Left: not null, Right: not null }).CountBy(pair => pair).Where(count => count.Value >= options.MinCount)
                .OrderByDescending(count => count.Value).ThenBy(count => vocabulary.IndexOf(count.Key.Left!)).ThenBy(count => vocabulary.IndexOf(count.Key.Right!)).ToList();
            if (pairs is not [{ Key: var (left, right) }, ..])
            {
                break;
            }
            words.ForEach(word => Merge(word, left!, right!));
            Add(vocabulary, left + right);
            Add(merges, (left!, right!));
        }
        return (vocabulary, merges);
    }

    /// <summary>Encodes a word: the pair that was learnt first is merged first, of equal pairs the left one.</summary>
    public static List<string> Encode(string word, List<string> vocabulary, List<(string Left, string Right)> merges)
    {
        List<string?> tokens = [.. word.Select(letter => vocabulary.Contains($"{letter}") ? $"{letter}" : null)];
        while (Pairs(tokens).Select(pair => merges.IndexOf((pair.Left!, pair.Right!))).Where(rank => rank >= 0).DefaultIfEmpty(-1).Min() is >= 0 and var rank)
        {
            var at = Pairs(tokens).ToList().IndexOf(merges[rank]);
            tokens[at] += tokens[at + 1];
            tokens.RemoveAt(at + 1);
        }
        return [.. tokens.Select(token => token ?? "[UNK]")];
    }

    static IEnumerable<(string? Left, string? Right)> Pairs(List<string?> word) => word.Zip(word.Skip(1));

    static void Merge(List<string?> word, string left, string right)
    {
        for (var i = 0; i + 1 < word.Count; i++)
        {
            if (word[i] == left && word[i + 1] == right)
            {
                word[i] = left + right;
                word.RemoveAt(i + 1);
            }
        }
    }

    static void Add<T>(List<T> list, T item)
    {
        if (!list.Contains(item))
        {
            list.Add(item);
        }
    }
}
