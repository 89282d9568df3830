namespace Cclm.Training.Data;

/// <summary>
/// Learns byte pair encoding on characters (Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units",
/// ACL 2016): again and again the most frequent pair of tokens becomes a token. Counts are kept up to date rather than counted anew, by
/// going through the words that have the pair.
/// </summary>
sealed class PairMerging
{
    readonly List<string> vocabulary;
    readonly Dictionary<string, int> ids;
    readonly List<Word> words = [];
    readonly PairCounts pairs;
    readonly HashSet<TokenPair> merged = [];
    readonly List<TokenPair> merges = [];

    PairMerging(List<string> vocabulary, IReadOnlyDictionary<string, long> words, int minCount)
    {
        (this.vocabulary, pairs) = (vocabulary, new(minCount));
        ids = vocabulary.Index().ToDictionary(token => token.Item, token => token.Index);
        foreach (var (text, count) in words)
        {
            AddWord(text, count);
        }
        pairs.EnqueueAll();
    }

    /// <summary>Adds tokens to a vocabulary until it has its size or no pair is frequent enough.</summary>
    /// <param name="vocabulary">The tokens by id, all single characters that are known among them; receives those that merges make.</param>
    /// <param name="words">The words and how often each occurs.</param>
    /// <param name="size">The most tokens.</param>
    /// <param name="minCount">A rarer pair is not merged.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The merges in order. Of equally frequent pairs that of lower ids comes first, so that the order of words does not matter.</returns>
    public static List<TokenPair> Learn(List<string> vocabulary, IReadOnlyDictionary<string, long> words, int size, int minCount, CancellationToken cancellation)
    {
        var merging = new PairMerging(vocabulary, words, minCount);
        while (vocabulary.Count < size && merging.pairs.MostFrequent() is { } pair)
        {
            cancellation.ThrowIfCancellationRequested();
            merging.Merge(pair);
        }
        return merging.merges;
    }

    /// <summary>Takes a word as its characters' ids. An unknown character is in no pair: it divides the word.</summary>
    void AddWord(ReadOnlySpan<char> text, long count)
    {
        var known = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        List<int> tokens = [];
        while (text.Length > 0)
        {
            var length = char.IsHighSurrogate(text[0]) ? 2 : 1;         // words hold whole pairs only
            if (known.TryGetValue(text[..length], out var id))
            {
                tokens.Add(id);
            }
            else
            {
                AddTokens(tokens, count);
                tokens.Clear();
            }
            text = text[length..];
        }
        AddTokens(tokens, count);
    }

    void AddTokens(List<int> tokens, long count)
    {
        if (tokens.Count > 1)
        {
            words.Add(new([.. tokens], count));
            for (var i = 1; i < tokens.Count; i++)
            {
                pairs.Add(new(tokens[i - 1], tokens[i]), words.Count - 1, count);
            }
        }
    }

    void Merge(TokenPair pair)
    {
        var text = vocabulary[pair.Left] + vocabulary[pair.Right];
        if (!ids.TryGetValue(text, out var id))                         // a+bc and ab+c are one token
        {
            id = ids[text] = vocabulary.Count;
            vocabulary.Add(text);
        }
        if (merged.Add(pair))                                           // a pair comes back where another merge makes one of its tokens again
        {
            merges.Add(pair);
        }
        foreach (var word in pairs.WordsOf(pair))
        {
            Merge(word, pair, id);
        }
        pairs.Remove(pair);
    }

    /// <summary>Puts a token in the place of a pair, from left to right, and counts the pairs around it.</summary>
    void Merge(int number, TokenPair pair, int id)
    {
        var (word, length) = (words[number], 0);
        var tokens = word.Tokens;
        for (var i = 0; i < word.Length; i++)
        {
            if (tokens[i] != pair.Left || i + 1 == word.Length || tokens[i + 1] != pair.Right)
            {
                tokens[length++] = tokens[i];
                continue;
            }
            if (length > 0)
            {
                pairs.Replace(new(tokens[length - 1], pair.Left), new(tokens[length - 1], id), number, word.Count);
            }
            if (i + 2 < word.Length)
            {
                pairs.Replace(new(pair.Right, tokens[i + 2]), new(id, tokens[i + 2]), number, word.Count);
            }
            tokens[length++] = id;
            i++;
        }
        word.Length = length;
    }

    sealed class Word(int[] tokens, long count)
    {
        public int[] Tokens { get; } = tokens;
        public int Length { get; set; } = tokens.Length;
        public long Count { get; } = count;
    }
}
