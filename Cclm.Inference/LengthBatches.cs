namespace Cclm.Inference;

/// <summary>Texts of about one length, to be run together.</summary>
/// <param name="Rows">Indices of the texts.</param>
/// <param name="Length">T, what they are padded to.</param>
readonly record struct LengthBatch(ArraySegment<int> Rows, int Length)
{
    static int[] all = [];

    /// <summary>All of some texts.</summary>
    public static LengthBatch Of(int count, int length)
    {
        var rows = all;
        if (rows.Length < count)
        {
            all = rows = [.. Enumerable.Range(0, 2 * count)];
        }
        return new(new(rows, 0, count), length);
    }
}

/// <summary>Sorts texts by length and cuts them into batches.</summary>
static class LengthBatches
{
    /// <summary>What a run costs besides its ids, counted in ids: padding up to it costs less than another run would.</summary>
    public const int RunOverhead = 32;

    const int LengthsOfAnOctave = 16, ShortestStep = 4;

    /// <summary>What texts are padded to where the longest has an own length: that, rounded up to one of few.</summary>
    /// <remarks>ONNX Runtime plans the memory of each size that it is given, and keeps the plan.</remarks>
    public static int Padded(int length, PreprocessorOptions options)
    {
        var step = options.DownsampleFactor;
        while (step < ShortestStep || 2 * LengthsOfAnOctave * step < length)
        {
            step *= 2;
        }
        return Math.Min((length + step - 1) / step * step, options.Limit);
    }

    /// <summary>Batches of texts that are all there, the longest first, so that memory is asked for once.</summary>
    /// <param name="lengths">The texts' own lengths.</param>
    /// <param name="budget">The most ids of a batch, padding among them; one text may exceed it.</param>
    /// <param name="padded">What texts are padded to where the longest has a length.</param>
    public static List<LengthBatch> Plan(int[] lengths, int budget, Func<int, int> padded)
    {
        var batches = new List<LengthBatch>();
        int[] order = [.. Enumerable.Range(0, lengths.Length)];
        Array.Sort((int[])lengths.Clone(), order);
        for (var end = order.Length; end > 0;)
        {
            var (longest, start, padding) = (lengths[order[end - 1]], end - 1, 0);
            var length = padded(longest);
            while (start > 0 && (long)(end - start + 1) * length <= budget && (padding += longest - lengths[order[start - 1]]) <= RunOverhead)
            {
                start--;
            }
            batches.Add(new(new(order, start, end - start), length));
            end = start;
        }
        return batches;
    }
}
