namespace Cclm.Training.Recipes;

/// <summary>Compares what steps would be made from with what the lock says that they were.</summary>
/// <param name="context">The build.</param>
/// <param name="steps">All steps of the recipe.</param>
sealed class Judge(BuildContext context, IReadOnlyList<BuildStep> steps)
{
    readonly Dictionary<string, string> makers = steps.SelectMany(step => step.Outputs.Select(output => (output, step.Name))).ToDictionary();

    /// <summary>Whether a step is to be made, and why.</summary>
    /// <param name="step">The step.</param>
    /// <param name="build">What was made.</param>
    /// <param name="fates">What becomes of the files that steps before this one make, where they are not as they should be.</param>
    public Verdict Of(BuildStep step, BuildLock build, IReadOnlyDictionary<string, Due> fates)
    {
        var (due, reasons) = Of(step, build.Steps.GetValueOrDefault(step.Name), ParentsOf(step, build), fates);
        return new(step.Name, step.Verb, due, reasons);
    }

    /// <summary>The hashes of a step's parents as their steps made them, of those that were made.</summary>
    public IReadOnlyDictionary<string, string> ParentsOf(BuildStep step, BuildLock build)
    {
        var parents = new Dictionary<string, string>();
        foreach (var parent in step.Parents)
        {
            if (build.Steps.GetValueOrDefault(makers[parent])?.Outputs?.GetValueOrDefault(parent) is { } hash)
            {
                parents.Add(parent, hash);
            }
        }
        return parents;
    }

    (Due, IReadOnlyList<string>) Of(BuildStep step, LockedStep? before, IReadOnlyDictionary<string, string> parents, IReadOnlyDictionary<string, Due> fates)
    {
        if (before is null)
        {
            return (Due.Yes, ["it was never made"]);
        }
        string[] changed =
        [
            .. Differences.Between(before.Inputs, step.Inputs).Distinct(),
            .. step.Parents.Except(before.Parents.Keys).Select(parent => $"{parent} is new in it"),
            .. before.Parents.Keys.Except(step.Parents).Select(parent => $"{parent} is not in it any more"),
            .. step.Parents.Where(parent => fates.GetValueOrDefault(parent) == Due.Yes).Select(parent => $"{parent} is made anew"),
            .. parents.Where(parent => before.Parents.GetValueOrDefault(parent.Key, parent.Value) != parent.Value).Select(parent => $"{parent.Key} is another than it was made from"),
        ];
        if (changed.Length > 0)
        {
            return (Due.Yes, changed);
        }
        if (before.Outputs is null)
        {
            return (Due.Again, ["it was begun and not finished"]);
        }
        string[] lost = [.. step.Outputs.Where(output => context.Hashes.Of(context.PathOf(output)) != before.Outputs.GetValueOrDefault(output))
            .Select(output => $"{output} {(File.Exists(context.PathOf(output)) ? "was changed" : "is gone")}")];
        if (lost.Length > 0)
        {
            return (Due.Again, lost);
        }
        string[] open = [.. step.Parents.Where(parent => fates.GetValueOrDefault(parent) != Due.No).Select(parent => $"if {parent} comes out otherwise than it was")];
        return open.Length > 0 ? (Due.Perhaps, open) : (Due.No, []);
    }
}
