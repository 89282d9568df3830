namespace Cclm.Export;

/// <summary>What a conversion makes of a model.</summary>
/// <param name="Precision">The numbers.</param>
public sealed record QuantizationOptions(ModelPrecision Precision)
{
    /// <summary>Beginnings of the names of weights that stay as they are, such as <c>heads.</c> or <c>embedder.blocks.0.</c>; in float16, what reads them stays in float32.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Weights of fewer numbers stay in float32 where 8 bits are asked for: they are no time and no bytes to save.</summary>
    public int SmallestWeight { get; init; } = 1024;

    /// <summary>Whether a weight stays as it is, by its name.</summary>
    internal bool Keeps(string weight) => Keep.Any(beginning => weight.StartsWith(beginning, StringComparison.Ordinal));
}
