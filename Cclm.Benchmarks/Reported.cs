using Cclm.Training;

namespace Cclm.Benchmarks;

/// <summary>Tells of a run's progress at once, on the thread that trains.</summary>
sealed class Reported(Action<TrainingProgress> report) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => report(value);
}
