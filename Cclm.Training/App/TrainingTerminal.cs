using Cclm.Training.Data;
using Spectre.Console;

namespace Cclm.Training.App;

static class TrainingTerminal
{
    /// <summary>Trains under a live table, or with a line now and then where there is no terminal; with a folder, a record of the run is kept there (<see cref="WatchedTraining"/>).</summary>
    public static TrainingResult Train<T>(this Terminal terminal, string title, Pretrainer<T> pretrainer, RowSource<T> rows, TrainingOptions options,
        IReadOnlyList<T>? heldOut = null, RunFolder? folder = null, CancellationToken cancellation = default)
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
                ? pretrainer.Train(rows, options, heldOut, folder: null, progress, cancellation)
                : pretrainer.TrainWatched(rows, options, heldOut, folder, progress, warning => terminal.Messages.WriteLine($"warning: {warning}"), cancellation);
        }
    }

    /// <inheritdoc cref="Train{T}(Terminal, string, Pretrainer{T}, RowSource{T}, TrainingOptions, IReadOnlyList{T}, RunFolder, CancellationToken)"/>
    public static TrainingResult Train<T>(this Terminal terminal, string title, Pretrainer<T> pretrainer, IReadOnlyList<T> rows, TrainingOptions options,
        IReadOnlyList<T>? heldOut = null, RunFolder? folder = null, CancellationToken cancellation = default) =>
        terminal.Train(title, pretrainer, RowSource.Of(rows), options, heldOut, folder, cancellation);

    static string Words(TrainingProgress progress) =>
        $"loss {progress.Loss:F3}{(progress.HeldOut is { } heldOut ? $", held out {heldOut.Loss:F3} ({heldOut.Accuracy:P1})" : "")}, {progress.CharactersPerSecond:N0} characters/s, {TrainingTable.Time(progress.Remaining)} left";
}
