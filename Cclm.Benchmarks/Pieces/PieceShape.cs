namespace Cclm.Benchmarks;

/// <summary>Texts of a batch and characters of each, as a table has them.</summary>
public readonly record struct PieceShape(int Rows, int Length)
{
    /// <summary>The channels of all tensors.</summary>
    public const int Channels = 128;

    /// <summary>A batch of training, and one short query.</summary>
    public static IEnumerable<PieceShape> Both => [new(32, 256), new(1, 16)];

    /// <inheritdoc/>
    public override string ToString() => $"[{Rows},{Length},{Channels}]";
}
