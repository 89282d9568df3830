namespace Cclm.Export;

/// <summary>An output of a part that feeds an input of another.</summary>
/// <param name="Part">The part that gives.</param>
/// <param name="Output">Its output.</param>
/// <param name="To">The part that reads.</param>
/// <param name="Input">Its input.</param>
public sealed record Wire(string Part, string Output, string To, string Input);

/// <summary>What becomes of what no wire names.</summary>
public sealed record StitchOptions
{
    /// <summary>Whether inputs of one name that nothing feeds are one input of the whole, which then feeds all of them; otherwise each is its own.</summary>
    public bool ShareInputs { get; init; } = true;

    /// <summary>Whether weights and constants that are equal to the bit are stored once, so that a runtime sees that what is computed from them is the same.</summary>
    public bool ShareEqualWeights { get; init; } = true;

    /// <summary>The outputs that the whole has, in their order; null for all that feed nothing.</summary>
    public IReadOnlyList<(string Part, string Output)>? Outputs { get; init; }
}
