using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>One training example: what the model reads, and what it should say.</summary>
/// <param name="Texts">The ids of one text or more, each at its own length.</param>
/// <param name="Targets">Classes; <see cref="Batch.NoTarget"/> where nothing is asked. What they mean is the task's.</param>
public record Example(IReadOnlyList<long[]> Texts, long[] Targets)
{
    /// <summary>An example of one text.</summary>
    public Example(long[] ids, long[] targets) : this([ids], targets)
    {
    }

    /// <summary>The ids of the first text.</summary>
    public long[] Ids => Texts[0];

    /// <summary>Whether a text that several of a batch have is read once for all. Two views of one text are not: dropout tells them apart.</summary>
    public virtual bool SharesTexts => false;

    /// <summary>Targets that are numbers, as many in every example.</summary>
    public float[] Values { get; init; } = [];
}

/// <summary>Examples padded to one length.</summary>
/// <param name="Examples">B, in the order of <see cref="Ids"/>.</param>
/// <param name="Ids">The texts of all examples [N,T], padded with 0; N is B where an example has one text. Shared ones are there once.</param>
/// <param name="Targets">[B,T'], padded with <see cref="NoTarget"/>.</param>
/// <param name="Characters">Ids that are not batch padding.</param>
public sealed record Batch(IReadOnlyList<Example> Examples, long[] Ids, long[] Targets, int Characters)
{
    /// <summary>A target that asks nothing; cross-entropy leaves it out.</summary>
    public const long NoTarget = -100;

    /// <summary>The rows it was made of, by number.</summary>
    public IReadOnlyList<long> Numbers { get; init; } = [];

    /// <summary>N, the texts that are read.</summary>
    public int Texts { get; private init; }

    /// <summary>Where each text of each example is among those that are read; nothing where examples do not share texts.</summary>
    public IReadOnlyList<long> Places { get; private init; } = [];

    /// <summary>A batch that another process does.</summary>
    internal static Batch OfOthers(IReadOnlyList<long> numbers) => new([], [], [], 0) { Numbers = numbers };

    /// <summary>Pads examples to the longest of them.</summary>
    public static Batch Of(IReadOnlyList<Example> examples)
    {
        long[][] texts = [.. examples.SelectMany(example => example.Texts)];
        IReadOnlyList<long> places = [];
        if (examples[0].SharesTexts)
        {
            (var all, texts) = (texts, [.. texts.Distinct(new SameIds())]);
            var place = texts.Index().ToDictionary(text => text.Item, text => (long)text.Index, new SameIds());
            places = [.. all.Select(text => place[text])];
        }
        return new(examples, Pad(texts, 0), Pad([.. examples.Select(example => example.Targets)], NoTarget), texts.Sum(text => text.Length)) { Texts = texts.Length, Places = places };
    }

    /// <summary>Some of the examples, padded as they are here.</summary>
    /// <exception cref="InvalidOperationException">An example has several texts.</exception>
    internal Batch Slice(int first, int count) => Texts == Examples.Count && Places.Count == 0
        ? new([.. Examples.Skip(first).Take(count)], Rows(Ids, first, count), Rows(Targets, first, count), 0) { Texts = count }
        : throw new InvalidOperationException($"A batch of {Examples.Count} examples has {Texts} texts; expected one of each, as {nameof(Pretrainer)}.{nameof(Pretrainer.LossIsOfEachText)} says.");

    long[] Rows(long[] all, int first, int count)
    {
        var width = all.Length / Examples.Count;
        return all[(first * width)..((first + count) * width)];
    }

    /// <summary>The places of the examples' texts among those that are read.</summary>
    public Tensor PlacesOn(Device device) => tensor(Places.ToArray(), device: device);

    /// <summary>The texts' ids [N,T].</summary>
    public Tensor IdsOn(Device device) => tensor(Ids, device: device).view(Texts, -1);

    /// <summary>The targets [B,T'].</summary>
    public Tensor TargetsOn(Device device) => tensor(Targets, device: device).view(Examples.Count, -1);

    /// <summary>The targets that are numbers [B,D].</summary>
    public Tensor ValuesOn(Device device) => tensor(Examples.SelectMany(example => example.Values).ToArray(), device: device).view(Examples.Count, -1);

    static long[] Pad(long[][] rows, long padding)
    {
        var length = rows.Max(row => row.Length);
        var padded = new long[rows.Length * length];
        Array.Fill(padded, padding);
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].CopyTo(padded, i * length);
        }
        return padded;
    }

    sealed class SameIds : IEqualityComparer<long[]>
    {
        public bool Equals(long[]? first, long[]? second) => first.AsSpan().SequenceEqual(second);

        public int GetHashCode(long[] ids)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(ids.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
