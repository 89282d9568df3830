namespace Cclm.Training;

/// <summary>Where a run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean over the steps since the last report.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="CharactersPerSecond">Ids, padding not counted, since this process took the run up.</param>
/// <param name="Elapsed">Trained in all, by earlier processes too.</param>
/// <param name="Remaining">What the steps that are left will take at this speed.</param>
/// <param name="Memory">Resident bytes of the process.</param>
/// <param name="HeldOut">Measured at this step on rows that are not trained on; null at most steps.</param>
public sealed record TrainingProgress(
    int Step, int Steps, double Loss, double LearningRate, double CharactersPerSecond, TimeSpan Elapsed, TimeSpan Remaining, long Memory, Evaluation? HeldOut);

/// <summary>How a run ended.</summary>
/// <param name="Steps">Steps done, by earlier processes too.</param>
/// <param name="Losses">The loss of each report, in order, from the run's first step.</param>
/// <param name="End">Why it ended.</param>
/// <param name="Elapsed">How long it trained, in all processes.</param>
/// <param name="BestStep">The step whose weights were kept, where it was evaluated while training.</param>
/// <param name="HeldOut">What the weights that were kept reach on the held-out rows, where that was measured.</param>
public sealed record TrainingResult(int Steps, IReadOnlyList<double> Losses, RunEnd End, TimeSpan Elapsed, int? BestStep = null, Evaluation? HeldOut = null)
{
    /// <summary>Whether it was stopped from outside before its last step; what was learned until then is kept.</summary>
    public bool Cancelled => End == RunEnd.Cancelled;
}

/// <summary>Why a run ended.</summary>
public enum RunEnd
{
    /// <summary>All steps are done.</summary>
    Completed,

    /// <summary>The loss on held-out rows fell no more (<see cref="TrainingOptions.Patience"/>).</summary>
    StoppedEarly,

    /// <summary>It was stopped from outside.</summary>
    Cancelled,
}
