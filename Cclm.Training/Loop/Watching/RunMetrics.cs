namespace Cclm.Training;

/// <summary>One report of a run, as <c>metrics.jsonl</c> keeps it.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean over the steps since the last report.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="CharactersPerSecond">Ids, padding not counted, since the process took the run up.</param>
/// <param name="Seconds">Trained in all.</param>
/// <param name="Memory">Resident bytes of the process.</param>
/// <param name="HeldOut">Measured at this step on rows that are not trained on; left out of the line at most steps.</param>
public sealed record RunMetrics(int Step, double Loss, double LearningRate, double CharactersPerSecond, double Seconds, long Memory, Evaluation? HeldOut = null)
{
    /// <summary>What of a report is kept.</summary>
    public static RunMetrics Of(TrainingProgress progress) => new(
        progress.Step, progress.Loss, progress.LearningRate, progress.CharactersPerSecond, progress.Elapsed.TotalSeconds, progress.Memory, progress.HeldOut);
}
