using System.Text.Json.Nodes;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Makes what a recipe names and is not there, or was made from something else.</summary>
sealed class RecipeBuild
{
    readonly BuildContext context;
    readonly IReadOnlyList<BuildStep> steps;
    readonly Judge judge;

    public RecipeBuild(BuildContext context)
    {
        (this.context, steps) = (context, BuildPlan.Of(context));
        judge = new(context, steps);
    }

    /// <summary>The names in the lock that the recipe has no steps for.</summary>
    public IEnumerable<string> NotInRecipe => BuildLock.Read(context.Folder).Steps.Keys.Except(steps.Select(step => step.Name));

    /// <summary>What <see cref="Run"/> would do. Nothing is written.</summary>
    public IReadOnlyList<Verdict> Plan()
    {
        var (build, fates, verdicts) = (BuildLock.Read(context.Folder), new Dictionary<string, Due>(), new List<Verdict>());
        foreach (var step in steps)
        {
            var verdict = judge.Of(step, build, fates);
            verdicts.Add(verdict);
            if (verdict.Due != Due.No && step is TrainingStep training)
            {
                training.CheckData();
            }
            foreach (var output in step.Outputs)
            {
                fates[output] = verdict.Due == Due.Yes && !step.ComesOutOtherwise ? Due.Perhaps : verdict.Due;
            }
        }
        return verdicts;
    }

    /// <summary>Makes all that is due; the caller holds the folder's lock.</summary>
    /// <returns>What was made, and why.</returns>
    /// <exception cref="BuildInterruptedException">It was stopped; the next build goes on where it was.</exception>
    public IReadOnlyList<Verdict> Run(CancellationToken cancellation)
    {
        var (build, made, isChecked) = (BuildLock.Read(context.Folder), new List<Verdict>(), false);
        context.Hashes.Save();      // a build that is killed need not read large files again
        foreach (var step in steps)
        {
            if (judge.Of(step, build, new Dictionary<string, Due>()) is { Due: not Due.No } verdict)
            {
                if (step is TrainingStep && !isChecked)
                {
                    steps.OfType<TrainingStep>().ToList().ForEach(trained => trained.Check());
                    isChecked = true;
                }
                Terminal.Tell($"{verdict}");
                build = Make(step, build, cancellation);
                made.Add(verdict);
            }
        }
        context.Hashes.Save();
        return made;
    }

    /// <summary>What was measured, once all is made.</summary>
    public JsonObject Evaluation => BuildLock.Read(context.Folder).Steps[EvaluationStep.StepName].Results!;

    BuildLock Make(BuildStep step, BuildLock build, CancellationToken cancellation)
    {
        var begun = LockedStep.Begin(step.Inputs, judge.ParentsOf(step, build));
        var before = build.Steps.GetValueOrDefault(step.Name);
        if (before?.Hash != begun.Hash)
        {
            step.Forget();
            before = null;
            build = build.With(context.Folder, step.Name, begun);
        }
        try
        {
            cancellation.ThrowIfCancellationRequested();
            var results = step.Make(before is { Outputs: not null } ? before : null, build, cancellation);
            var outputs = step.Outputs.ToDictionary(output => output, output => context.Hashes.Of(context.PathOf(output))!);
            return build.With(context.Folder, step.Name, begun with { Outputs = outputs, Results = results });
        }
        catch (OperationCanceledException e)
        {
            throw new BuildInterruptedException(step.Name, e);
        }
    }
}
