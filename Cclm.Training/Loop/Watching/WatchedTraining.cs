using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>Training that leaves what a reader wants of it in the run's folder: <c>metrics.jsonl</c>, event files for TensorBoard, and <c>report.html</c>.</summary>
public static class WatchedTraining
{
    /// <summary>Trains as <see cref="MultiTask.Train"/> does, and keeps a record of it.</summary>
    /// <remarks>
    /// A record that can not be written does not end the run. A full disk does, for the next checkpoint would not find room either:
    /// the run is saved where it is, and then the file is named.
    /// </remarks>
    /// <param name="tasks">What is trained, on what; rows that are held out are what the run is measured by, and where the samples are from.</param>
    /// <param name="options">How.</param>
    /// <param name="folder">Where checkpoints and records go.</param>
    /// <param name="progress">Told what is recorded.</param>
    /// <param name="warn">Told which file can not be written, and why.</param>
    /// <param name="cancellation">Ends the run after the step it is in; what was learned is kept, and reported on.</param>
    /// <returns>The result, with what the weights that were kept reach on the held-out rows unless the run was cancelled.</returns>
    /// <exception cref="IOException">The disk is full.</exception>
    public static TrainingResult TrainWatched(this IReadOnlyList<TaskRun> tasks, TrainingOptions options, RunFolder folder,
        IProgress<TrainingProgress>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default)
    {
        if (Ranks.Current.Rank > 0)
        {
            return MultiTask.Train(tasks, options, folder, progress, cancellation);      // the first keeps the records
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var watch = new RunWatch(tasks, folder, progress, warn, stop.Cancel);
        try
        {
            var result = MultiTask.Train(tasks, options, folder, watch, stop.Token);
            result = watch.Finish(options, result);
            watch.ThrowWhenFull(result.Steps);
            return result;
        }
        catch (TrainingException e)
        {
            watch.Finish(options, e);
            throw;
        }
    }

    /// <summary>Trains one task so.</summary>
    /// <inheritdoc cref="TrainWatched(IReadOnlyList{TaskRun}, TrainingOptions, RunFolder, IProgress{TrainingProgress}, Action{string}, CancellationToken)"/>
    public static TrainingResult TrainWatched<T>(this Pretrainer<T> pretrainer, RowSource<T> dataset, TrainingOptions options, IReadOnlyList<T>? heldOut, RunFolder folder,
        IProgress<TrainingProgress>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default) =>
        ((TaskRun[])[pretrainer.On(dataset, heldOut)]).TrainWatched(options, folder, progress, warn, cancellation);
}
