namespace Cclm.Inference;

/// <summary>The texts that wait, in the order in which they came and by length. For one thread at a time.</summary>
sealed class PendingTexts
{
    readonly LinkedList<PendingText> byAge = [];
    readonly Dictionary<string, LinkedList<PendingText>?[]> outputs = [];

    public bool IsEmpty => byAge.Count == 0;

    /// <summary>The ids of all that wait.</summary>
    public long Cost { get; private set; }

    public PendingText Oldest => byAge.First!.Value;

    public void Add(PendingText text)
    {
        byAge.AddLast(text.ByAge);
        var lengths = outputs.GetValueOrDefault(text.Call.Output, []);
        if (text.Length >= lengths.Length)
        {
            Array.Resize(ref lengths, Math.Max(text.Length + 1, 2 * lengths.Length));
            outputs[text.Call.Output] = lengths;
        }
        (lengths[text.Length] ??= []).AddLast(text.ByLength);
        Cost += text.Length;
    }

    /// <summary>Takes a text out; nothing where it is not there.</summary>
    public void Remove(PendingText text)
    {
        if (text.ByAge.List is null)
        {
            return;
        }
        byAge.Remove(text.ByAge);
        text.ByLength.List!.Remove(text.ByLength);
        Cost -= text.Length;
    }

    /// <summary>Takes out a batch: the text that waited longest, and others of about its length as long as their padding costs less than another run would.</summary>
    /// <remarks>As every batch has the oldest text, no length waits for longer than those that came before it.</remarks>
    /// <param name="budget">The most ids of the batch, padding among them; one text may exceed it.</param>
    public List<PendingText> Take(int budget)
    {
        var first = Oldest;
        var lengths = outputs[first.Call.Output];
        List<PendingText> batch = [first];
        Remove(first);
        var (longest, padding) = (first.Length, 0);
        while (true)
        {
            var room = LengthBatches.RunOverhead - padding;
            var shorter = Find(lengths, longest, Math.Max(0, longest - room), step: -1);
            var longer = Find(lengths, longest + 1, longest + room / batch.Count, step: 1);
            var paddingOfShorter = shorter < 0 ? int.MaxValue : longest - shorter;
            var paddingOfLonger = longer < 0 ? int.MaxValue : (longer - longest) * batch.Count;
            var next = paddingOfShorter <= paddingOfLonger ? shorter : longer;
            if (next < 0 || (batch.Count + 1L) * first.Call.PaddedLength(Math.Max(next, longest)) > budget)
            {
                return batch;
            }
            padding += Math.Min(paddingOfShorter, paddingOfLonger);
            longest = Math.Max(next, longest);
            var text = lengths[next]!.First!.Value;
            batch.Add(text);
            Remove(text);
        }
    }

    /// <summary>The first length from one to another that some text has; -1 where none does.</summary>
    static int Find(LinkedList<PendingText>?[] lengths, int from, int to, int step)
    {
        for (var length = from; step < 0 ? length >= to : length <= to && length < lengths.Length; length += step)
        {
            if (lengths[length] is { Count: > 0 })
            {
                return length;
            }
        }
        return -1;
    }
}
