using Spectre.Console;

namespace Cclm.Training.App;

static class TrainingTerminal
{
    /// <summary>Trains under a live table, or with a line now and then where there is no terminal; with a folder, a record of the run is kept there (<see cref="WatchedTraining"/>).</summary>
    public static TrainingResult Train(this Terminal terminal, string title, IReadOnlyList<TaskRun> tasks, TrainingOptions options,
        RunFolder? folder = null, CancellationToken cancellation = default)
    {
        return terminal.IsInteractive ? InTable() : terminal.Progress(title, report => Run(progress => report((double)progress.Step / progress.Steps, Words(progress))));

        TrainingResult InTable()
        {
            var table = new TrainingTable(title, terminal.Messages.Profile.Capabilities.Unicode);
            return terminal.Messages.Live(table.Draw()).Start(display => Run(progress =>
            {
                if (table.Add(progress))
                {
                    display.UpdateTarget(table.Draw());
                }
            }));
        }

        TrainingResult Run(Action<TrainingProgress> tell)
        {
            var progress = new ImmediateProgress<TrainingProgress>(tell);
            return folder is null
                ? MultiTask.Train(tasks, options, folder: null, progress, cancellation)
                : tasks.TrainWatched(options, folder, progress, warning => terminal.Messages.WriteLine($"warning: {warning}"), cancellation);
        }
    }

    static string Words(TrainingProgress progress) =>
        $"loss {progress.Loss:F3}{(progress.HeldOut is { } heldOut ? $", held out {heldOut.Loss:F3} ({heldOut.Main})" : "")}, {progress.CharactersPerSecond:N0} characters/s, {TrainingTable.Time(progress.Remaining)} left";
}
