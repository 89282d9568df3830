using System.Runtime.InteropServices;

namespace Cclm.Training.Data;

/// <summary>Two tokens side by side, by their ids.</summary>
readonly record struct TokenPair(int Left, int Right);

/// <summary>How often pairs of tokens occur, in which words, and which pair is the most frequent: kept up to date while pairs come and go.</summary>
/// <param name="minCount">Rarer pairs are never the most frequent.</param>
sealed class PairCounts(int minCount)
{
    readonly Dictionary<TokenPair, Occurrences> pairs = [];
    readonly List<(int Word, int Before)> places = [default];       // the words of each pair, as a chain; the first is the end of all chains
    readonly PriorityQueue<TokenPair, Rank> queue = new();          // of all pairs that are frequent enough
    readonly HashSet<TokenPair> grown = [];

    /// <summary>A word has a pair.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="word">The word's number.</param>
    /// <param name="count">How often the word occurs.</param>
    public void Add(TokenPair pair, int word, long count)
    {
        ref var occurrences = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _);
        occurrences.Count += count;
        if (occurrences.Last == 0 || places[occurrences.Last].Word != word)
        {
            places.Add((word, occurrences.Last));
            occurrences.Last = places.Count - 1;
        }
    }

    /// <summary>A word has a pair in the place of another one.</summary>
    public void Replace(TokenPair old, TokenPair pair, int word, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(pairs, old, out _).Count -= count;
        Add(pair, word, count);
        grown.Add(pair);
    }

    /// <summary>The words that have a pair; some that had it once are among them, and some come twice.</summary>
    public IEnumerable<int> WordsOf(TokenPair pair)
    {
        for (var place = pairs[pair].Last; place > 0; place = places[place].Before)
        {
            yield return places[place].Word;
        }
    }

    /// <summary>Forgets a pair that no word has any more, and queues those that came for it.</summary>
    public void Remove(TokenPair pair)
    {
        pairs.Remove(pair);
        Enqueue(grown);
        grown.Clear();
    }

    /// <summary>Queues all pairs: the words were all added.</summary>
    public void EnqueueAll() => Enqueue(pairs.Keys);

    /// <summary>The most frequent pair, of equally frequent ones that of lower ids; null where none is frequent enough.</summary>
    public TokenPair? MostFrequent()
    {
        while (queue.TryDequeue(out var pair, out var rank))
        {
            var count = pairs.GetValueOrDefault(pair).Count;
            if (count == rank.Count)
            {
                return pair;
            }
            if (count < rank.Count)             // it has become rarer; one that has become more frequent is in the queue a second time
            {
                Enqueue(pair, count);
            }
        }
        return null;
    }

    void Enqueue(IEnumerable<TokenPair> some)
    {
        foreach (var pair in some)
        {
            Enqueue(pair, pairs[pair].Count);
        }
    }

    void Enqueue(TokenPair pair, long count)
    {
        if (count >= minCount)
        {
            queue.Enqueue(pair, new(count, pair));
        }
    }

    struct Occurrences
    {
        public long Count;
        public int Last;            // in places
    }

    readonly record struct Rank(long Count, TokenPair Pair) : IComparable<Rank>
    {
        public int CompareTo(Rank other) =>
            Count != other.Count ? other.Count.CompareTo(Count)
            : Pair.Left != other.Pair.Left ? Pair.Left.CompareTo(other.Pair.Left)
            : Pair.Right.CompareTo(other.Pair.Right);
    }
}
