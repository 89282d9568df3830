using System.Numerics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Cclm.Training.Data;

/// <summary>How often each word of a corpus occurs, in memory that does not grow with the corpus.</summary>
/// <remarks>
/// Every word is counted while all fit. Where they do not, the words of a sample of the texts are: those whose hash begins with so many
/// zeros, one more whenever there are too many words (as in Flajolet, "On adaptive sampling", Computing 43, 1990). Which texts that are
/// depends neither on their order nor on who counts them. Forgetting rare words instead (lossy counting) would: a word that comes
/// again after it was forgotten has another count than one that came earlier.
/// </remarks>
/// <param name="most">What all different words may take, in UTF-16 units; each takes its length and <see cref="WordOverhead"/> more.</param>
sealed class WordCounts(long most)
{
    /// <summary>More than the different words of 100 MB of English have. Learning merges from so many takes about 1 GB.</summary>
    public const long DefaultMost = 1 << 24;

    /// <summary>For the objects around a word.</summary>
    public const int WordOverhead = 4;

    const int MaxBlock = 1 << 16;           // longer texts are sampled in blocks: in one that can not be left out, too many words could be
    const int MaxThreads = 4;               // each has words of its own, and reading is not much faster than this

    readonly Dictionary<string, long>[] levels = [.. Enumerable.Range(0, 65).Select(_ => new Dictionary<string, long>())];     // by the zeros of the texts' hashes
    readonly long[] sizes = new long[65];   // of the levels
    readonly NormalizedText normalized = new();
    long size;                              // of all levels
    int zeros;                              // levels below are left out

    /// <summary>Counts the words of texts.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled. The texts' own exceptions come as they are.</exception>
    public static WordCounts Of(IEnumerable<string> texts, CancellationToken cancellation, long most = DefaultMost, int? threads = null)
    {
        try
        {
            return texts.AsParallel().WithDegreeOfParallelism(threads ?? Math.Min(MaxThreads, Environment.ProcessorCount)).WithCancellation(cancellation)
                .Aggregate(() => new WordCounts(most), (counts, text) => counts.Add(text), (counts, others) => counts.Add(others), counts => counts);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
    }

    /// <summary>The texts whose words are counted are one in so many.</summary>
    public double OneIn => Math.Pow(2, zeros);

    /// <summary>The words and their counts.</summary>
    public Dictionary<string, long> Total()
    {
        var total = new Dictionary<string, long>();
        foreach (var (word, count) in levels.SelectMany(level => level))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(total, word, out _) += count;
        }
        return total;
    }

    WordCounts Add(string text)
    {
        var rest = text.AsSpan();
        while (rest.Length > MaxBlock)
        {
            var block = BlockLength(rest[..MaxBlock]);
            AddBlock(rest[..block]);
            rest = rest[block..];
        }
        AddBlock(rest);
        return this;
    }

    /// <summary>Up to the last white space, or where there is none, to the end, but not into the middle of a surrogate pair.</summary>
    static int BlockLength(ReadOnlySpan<char> text)
    {
        for (var length = text.Length; length > 0; length--)
        {
            if (char.IsWhiteSpace(text[length - 1]))
            {
                return length;
            }
        }
        return text.Length - (char.IsHighSurrogate(text[^1]) ? 1 : 0);
    }

    void AddBlock(ReadOnlySpan<char> block)
    {
        var level = BitOperations.LeadingZeroCount(TextHash.Of(block));
        if (level >= zeros)
        {
            normalized.Read(block);
            foreach (var word in normalized.Words())
            {
                Add(level, normalized[word], 1);
            }
            LeaveOut(zeros);
        }
    }

    WordCounts Add(WordCounts others)
    {
        LeaveOut(others.zeros);
        for (var level = zeros; level < levels.Length; level++)
        {
            foreach (var (word, count) in others.levels[level])
            {
                Add(level, word, count);
            }
        }
        LeaveOut(zeros);
        return this;
    }

    void Add(int level, ReadOnlySpan<char> word, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(levels[level].GetAlternateLookup<ReadOnlySpan<char>>(), word, out var known) += count;
        if (!known)
        {
            sizes[level] += word.Length + WordOverhead;
            size += word.Length + WordOverhead;
        }
    }

    /// <summary>Leaves out levels, so many at least, until the words fit.</summary>
    void LeaveOut(int atLeast)
    {
        for (; zeros < atLeast || size > most; zeros++)
        {
            size -= sizes[zeros];
            (levels[zeros], sizes[zeros]) = ([], 0);
        }
    }
}
