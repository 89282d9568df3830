namespace Cclm.Training;

/// <summary>One training example: what the model reads, and what it should say.</summary>
/// <param name="Ids">The text's ids, at its own length.</param>
/// <param name="Targets">One class or more; <see cref="Batch.NoTarget"/> where nothing is asked.</param>
public sealed record Example(long[] Ids, long[] Targets);

/// <summary>Examples padded to one length.</summary>
/// <param name="Rows">B</param>
/// <param name="Ids">[B,T], padded with 0.</param>
/// <param name="Targets">[B,T'], padded with <see cref="NoTarget"/>.</param>
/// <param name="Characters">Ids that are not batch padding.</param>
public sealed record Batch(int Rows, long[] Ids, long[] Targets, int Characters)
{
    /// <summary>A target that asks nothing; cross-entropy leaves it out.</summary>
    public const long NoTarget = -100;

    /// <summary>The rows it was made of, by number.</summary>
    public IReadOnlyList<long> Numbers { get; init; } = [];

    /// <summary>Pads examples to the longest of them.</summary>
    public static Batch Of(IReadOnlyList<Example> examples)
    {
        return new(examples.Count, Pad(example => example.Ids, 0), Pad(example => example.Targets, NoTarget), examples.Sum(example => example.Ids.Length));

        long[] Pad(Func<Example, long[]> part, long padding)
        {
            var length = examples.Max(example => part(example).Length);
            var padded = new long[examples.Count * length];
            Array.Fill(padded, padding);
            for (var i = 0; i < examples.Count; i++)
            {
                part(examples[i]).CopyTo(padded, i * length);
            }
            return padded;
        }
    }
}
