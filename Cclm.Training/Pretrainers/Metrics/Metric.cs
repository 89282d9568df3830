namespace Cclm.Training;

/// <summary>Adds up a task's answers over the batches of an evaluation.</summary>
public abstract class Metric
{
    /// <summary>Adds what was answered to a batch.</summary>
    public abstract void Add(Answer answer);

    /// <summary>What was measured until now; the first is what the task is judged by.</summary>
    public abstract IReadOnlyList<Measure> Measures { get; }
}
