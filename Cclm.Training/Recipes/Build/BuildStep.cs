using System.Text.Json.Nodes;

namespace Cclm.Training.Recipes;

/// <summary>One thing that a build makes, from options, data and what other steps made.</summary>
/// <param name="name">What the lock and messages call it.</param>
/// <param name="verb">What making it is called.</param>
abstract class BuildStep(string name, string verb)
{
    /// <summary>What the lock and messages call it.</summary>
    public string Name => name;

    /// <summary>What making it is called.</summary>
    public string Verb => verb;

    /// <summary>All options and data that decide what is made, defaults too; a new version with other defaults makes it again.</summary>
    public required JsonObject Inputs { get; init; }

    /// <summary>The files that it is made from and that steps before it make, relative to the build's folder.</summary>
    public required IReadOnlyList<string> Parents { get; init; }

    /// <summary>The files that it makes, relative to the build's folder.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>Whether other inputs are certain to make something else; a vocabulary, for one, is often the same.</summary>
    public virtual bool ComesOutOtherwise => true;

    /// <summary>Fails where making it is certain to fail, before time is spent on other steps. What it needs of the preprocessor is there.</summary>
    public virtual void Check()
    {
    }

    /// <summary>Deletes what is left of making it from other inputs.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Makes it, or makes the rest where it was begun from the same inputs.</summary>
    /// <param name="before">What was made from the same inputs once and is now gone or damaged; null where it was not finished.</param>
    /// <param name="build">The lock as it is, for what other steps measured.</param>
    /// <param name="cancellation">Stops it; what is done is kept.</param>
    /// <returns>What was measured.</returns>
    public abstract JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation);
}
