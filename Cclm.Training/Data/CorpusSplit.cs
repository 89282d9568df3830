namespace Cclm.Training.Data;

public static partial class Corpus
{
    /// <summary>Whether a text is held out, by its hash alone.</summary>
    /// <remarks>
    /// One text is always on one side, however often it occurs, whatever stands beside it and in whatever order it comes: a held-out
    /// text stays held out when the corpus grows. The share is therefore only about what was asked for.
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <param name="permille">About how many of 1,000 different texts are held out, 1 to 999. What is held out of fewer is held out of more.</param>
    public static bool IsHeldOut(string text, int permille) => TextHash.Of(text) % 1000 < (ulong)Checked(permille);

    /// <summary>Splits items into those to train on and those held out (<see cref="IsHeldOut"/>).</summary>
    /// <param name="items">The items; each side keeps their order.</param>
    /// <param name="text">An item's text.</param>
    /// <param name="permille">About how many of 1,000 different texts are held out, 1 to 999.</param>
    /// <exception cref="InvalidDataException">One side would be empty.</exception>
    public static (IReadOnlyList<T> Train, IReadOnlyList<T> HeldOut) Split<T>(IEnumerable<T> items, Func<T, string> text, int permille = 50)
    {
        Checked(permille);
        List<T> train = [], heldOut = [];
        foreach (var item in items)
        {
            (IsHeldOut(text(item), permille) ? heldOut : train).Add(item);
        }
        return train.Count > 0 && heldOut.Count > 0 ? (train, heldOut) : throw new InvalidDataException(
            $"Of {train.Count + heldOut.Count} texts, {heldOut.Count} fell into the {permille} of 1,000 to hold out; expected at least one on either side. " +
            "Use a corpus with more different texts, or hold out a share nearer to one half.");
    }

    /// <summary>The held-out items of a corpus of any size: of those <see cref="IsHeldOut"/>, the ones with the lowest hashes.</summary>
    /// <remarks>
    /// Which texts they are does not depend on the order of the corpus. They come in the order of their hashes, which is chance. A text
    /// that occurs often is kept once, so that it can not take the places of others: of items with one text, or one hash, the first.
    /// </remarks>
    /// <param name="items">The items, read once.</param>
    /// <param name="text">An item's text.</param>
    /// <param name="permille">About how many of 1,000 different texts are held out, 1 to 999.</param>
    /// <param name="most">The most that are kept; memory is for so many and no more.</param>
    public static IReadOnlyList<T> HeldOut<T>(IEnumerable<T> items, Func<T, string> text, int permille = 50, int most = 10_000)
    {
        Checked(permille);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var kept = new PriorityQueue<T, ulong>(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));      // the highest hash leaves first
        var hashes = new HashSet<ulong>();                                                             // of those kept
        foreach (var item in items)
        {
            var hash = TextHash.Of(text(item));
            if (hash % 1000 >= (ulong)permille || !hashes.Add(hash))
            {
                continue;
            }
            kept.Enqueue(item, hash);
            if (kept.Count > most && kept.TryDequeue(out _, out var highest))
            {
                hashes.Remove(highest);
            }
        }
        return [.. kept.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];
    }

    static int Checked(int permille)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permille, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permille, 999);
        return permille;
    }
}
