namespace Cclm.Training.Recipes;

/// <summary>Whether a step is to be made.</summary>
enum Due
{
    /// <summary>It is as it should be.</summary>
    No,

    /// <summary>If something before it comes out otherwise than it was.</summary>
    Perhaps,

    /// <summary>What it made is gone, damaged or unfinished; from the same inputs it comes out as it was.</summary>
    Again,

    /// <summary>It was never made, or was made from something else.</summary>
    Yes,
}

/// <summary>What a build does with a step, and why.</summary>
/// <param name="Step">The step's name.</param>
/// <param name="Verb">What making it is called.</param>
/// <param name="Due">Whether it is made.</param>
/// <param name="Reasons">Why; none where it is not.</param>
sealed record Verdict(string Step, string Verb, Due Due, IReadOnlyList<string> Reasons)
{
    const int ReasonsShown = 3;

    /// <summary><c>tower topic: train (training.steps was 1000 and is 2000)</c></summary>
    public override string ToString() => Due == Due.No ? $"{Step}: up to date"
        : $"{Step}: {(Due == Due.Perhaps ? "perhaps " : "")}{Verb} ({string.Join("; ", Reasons.Take(ReasonsShown))}{(Reasons.Count > ReasonsShown ? $"; and {Reasons.Count - ReasonsShown:N0} more" : "")})";
}
