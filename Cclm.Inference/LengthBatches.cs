namespace Cclm.Inference;

/// <summary>Texts of about one length, to be run together.</summary>
/// <param name="Rows">Indices of the texts.</param>
/// <param name="Length">T, the longest own length among them.</param>
readonly record struct LengthBatch(ArraySegment<int> Rows, int Length);

/// <summary>Sorts texts by length and cuts them into batches.</summary>
static class LengthBatches
{
    /// <summary>What a run costs besides its ids, counted in ids: padding up to it costs less than another run would.</summary>
    public const int RunOverhead = 64;

    /// <summary>Batches of texts that are all there, the longest first, so that memory is asked for once.</summary>
    /// <param name="lengths">The length that each text is padded to where it is alone.</param>
    /// <param name="budget">The most ids of a batch, padding among them; one text may exceed it.</param>
    public static List<LengthBatch> Plan(int[] lengths, int budget)
    {
        var batches = new List<LengthBatch>();
        int[] order = [.. Enumerable.Range(0, lengths.Length)];
        Array.Sort((int[])lengths.Clone(), order);
        for (var end = order.Length; end > 0;)
        {
            var (longest, start, padding) = (lengths[order[end - 1]], end - 1, 0);
            while (start > 0 && (long)(end - start + 1) * longest <= budget && (padding += longest - lengths[order[start - 1]]) <= RunOverhead)
            {
                start--;
            }
            batches.Add(new(new(order, start, end - start), longest));
            end = start;
        }
        return batches;
    }
}
