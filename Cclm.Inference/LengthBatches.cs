namespace Cclm.Inference;

/// <summary>Texts of about one length, to be run together.</summary>
/// <param name="Rows">Indices of the texts.</param>
/// <param name="Length">T, the longest own length among them.</param>
readonly record struct LengthBatch(ArraySegment<int> Rows, int Length);

/// <summary>Sorts texts by length, so that little padding is computed, and cuts them into batches.</summary>
static class LengthBatches
{
    /// <param name="lengths">The length that each text is padded to where it is alone.</param>
    /// <param name="budget">The most ids of a batch, padding among them; one text may exceed it.</param>
    public static IEnumerable<LengthBatch> Plan(int[] lengths, int budget)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Length)];
        Array.Sort((int[])lengths.Clone(), order);
        var start = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var length = lengths[order[i]];     // ascending: the last text of a batch is its longest
            var isLast = i + 1 == order.Length || (long)(i + 2 - start) * lengths[order[i + 1]] > budget;
            if (isLast)
            {
                yield return new(new(order, start, i + 1 - start), length);
                start = i + 1;
            }
        }
    }
}
