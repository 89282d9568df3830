namespace Cclm.Training;

/// <summary>Several tasks in one run on one embedder: each step trains one of them, and the embedder learns from all.</summary>
/// <remarks>Each tower comes out on its own, as if it had been trained alone.</remarks>
public static class MultiTask
{
    /// <summary>Trains tasks together.</summary>
    /// <param name="tasks">The tasks (<see cref="Pretrainer{T}.On"/>); all stand on one embedder and read by one preprocessor.</param>
    /// <param name="options">How; steps are counted over all tasks.</param>
    /// <param name="folder">Where checkpoints go. A run that one is there of is gone on with, and ends as if it had never been stopped.</param>
    /// <param name="progress">Told every <see cref="TrainingOptions.ReportEvery"/> steps, on this thread if it is synchronous.</param>
    /// <param name="cancellation">Ends the run after the step it is in; what was learned is kept.</param>
    /// <exception cref="ArgumentException">The tasks do not share an embedder, two have one name, or options or data can not be trained on.</exception>
    /// <exception cref="InvalidDataException">The folder holds a run that was begun with other tasks, data or options.</exception>
    /// <exception cref="IOException">A checkpoint can not be written; the one before it is whole.</exception>
    /// <exception cref="TrainingException">The loss is no number any more or exploded; the weights are those before it did.</exception>
    public static TrainingResult Train(IReadOnlyList<TaskRun> tasks, TrainingOptions options, RunFolder? folder = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Check();
        Ranks.Current.Check(options);
        Check(tasks);
        using var loop = new TrainingLoop(tasks, options, folder);
        return loop.Run(progress, cancellation);
    }

    static void Check(IReadOnlyList<TaskRun> tasks)
    {
        if (tasks.Count == 0)
        {
            throw new ArgumentException("There is no task to train; expected one or more.", nameof(tasks));
        }
        var first = tasks[0].Pretrainer;
        foreach (var task in tasks)
        {
            if (task.Pretrainer.Embedder != first.Embedder || task.Pretrainer.Preprocessor.ToJson() != first.Preprocessor.ToJson())
            {
                throw new ArgumentException($"Tower '{task.Pretrainer.Name}' stands on another embedder or preprocessor than '{first.Name}'. Tasks that are trained together share both.", nameof(tasks));
            }
            if (!(task.Weight > 0 && double.IsFinite(task.Weight)))
            {
                throw new ArgumentException($"Task '{task.Pretrainer.Name}' has the weight {task.Weight}; expected a number above 0.", nameof(tasks));
            }
            task.Check();
        }
        if (tasks.GroupBy(task => task.Pretrainer.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two towers are called '{twice.Key}'. Give each tower a name of its own.", nameof(tasks));
        }
    }
}
