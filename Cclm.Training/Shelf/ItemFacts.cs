namespace Cclm.Training;

/// <summary>What a publisher says of an item; the rest is read from the model.</summary>
public sealed record ItemFacts
{
    /// <summary>Such as <c>1.0.0</c>.</summary>
    public required string Version { get; init; }

    /// <summary>What others may do with it, as an SPDX expression such as <c>MIT</c>.</summary>
    public required string Licence { get; init; }

    /// <summary>A few words for whoever looks for it; markdown.</summary>
    public string? Description { get; init; }

    /// <summary>What it was trained on, in words.</summary>
    public string? Data { get; init; }

    /// <summary>What was measured, by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
}
