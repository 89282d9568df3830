using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>The frequent words of a corpus, numbered from the most frequent one: lower-case, all digits alike.</summary>
sealed class WordList
{
    readonly string[] words;
    readonly Dictionary<string, int> numbers;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    readonly long[] counts;
    readonly double total;

    WordList(IReadOnlyList<(string Word, long Count)> words, int texts)
    {
        (Texts, this.words, counts, total) = (texts, [.. words.Select(word => word.Word)], [.. words.Select(word => word.Count)], words.Sum(word => (double)word.Count));
        numbers = this.words.Index().ToDictionary(word => word.Item, word => word.Index);
        lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        Hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', words.Select(word => $"{word.Word} {word.Count}")))));
    }

    /// <summary>How many words there are.</summary>
    public int Count => counts.Length;

    /// <summary>How many texts they are from.</summary>
    public int Texts { get; }

    /// <summary>SHA-256 of the words and their counts.</summary>
    public string Hash { get; }

    /// <exception cref="ArgumentException">There are fewer words than a vector has numbers.</exception>
    public static WordList Of(IEnumerable<string> texts, WordVectorOptions options)
    {
        var (found, read) = (new Dictionary<string, long>(), 0);
        var spans = found.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            read++;
            ForEach(text, word => CollectionsMarshal.GetValueRefOrAddDefault(spans, word, out _)++);
        }
        var frequent = found.Where(word => word.Value >= options.MinCount).OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Take(options.MaxWords).Select(word => (word.Key, word.Value)).ToList();
        return frequent.Count > options.Width ? new(frequent, read)
            : throw new ArgumentException($"{frequent.Count:N0} words occur {options.MinCount} times or more; expected more than the {options.Width} numbers of a vector. Give more text, or a smaller 'width' or 'minCount'.", nameof(texts));
    }

    /// <summary>The numbers of a text's words, without those that are not frequent.</summary>
    public List<int> In(string text)
    {
        var words = new List<int>();
        ForEach(text, word =>
        {
            if (lookup.TryGetValue(word, out var number))
            {
                words.Add(number);
            }
        });
        return words;
    }

    /// <summary>A word as it is counted.</summary>
    public string this[int word] => words[word];

    /// <summary>A word's share of all.</summary>
    public double Share(int word) => counts[word] / total;

    static void ForEach(string text, Action<ReadOnlySpan<char>> use)
    {
        Span<char> word = new char[text.Length];
        foreach (var (begin, end) in Words.Places(text))
        {
            var length = text.AsSpan(begin, end - begin).ToLowerInvariant(word);
            foreach (ref var character in word[..length])
            {
                character = char.IsDigit(character) ? '0' : character;
            }
            use(word[..length]);
        }
    }
}
