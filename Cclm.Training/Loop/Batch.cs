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

    /// <summary>Targets that are numbers, as many in every example.</summary>
    public float[] Values { get; init; } = [];
}

/// <summary>Examples padded to one length.</summary>
/// <param name="Examples">B, in the order of <see cref="Ids"/>.</param>
/// <param name="Ids">The texts of all examples [N,T], padded with 0; N is B where an example has one text.</param>
/// <param name="Targets">[B,T'], padded with <see cref="NoTarget"/>.</param>
/// <param name="Characters">Ids that are not batch padding.</param>
public sealed record Batch(IReadOnlyList<Example> Examples, long[] Ids, long[] Targets, int Characters)
{
    /// <summary>A target that asks nothing; cross-entropy leaves it out.</summary>
    public const long NoTarget = -100;

    /// <summary>The rows it was made of, by number.</summary>
    public IReadOnlyList<long> Numbers { get; init; } = [];

    /// <summary>N, the texts of all examples.</summary>
    public int Texts { get; } = Examples.Sum(example => example.Texts.Count);

    /// <summary>Pads examples to the longest of them.</summary>
    public static Batch Of(IReadOnlyList<Example> examples)
    {
        long[][] texts = [.. examples.SelectMany(example => example.Texts)];
        return new(examples, Pad(texts, 0), Pad([.. examples.Select(example => example.Targets)], NoTarget), texts.Sum(text => text.Length));
    }

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
}
