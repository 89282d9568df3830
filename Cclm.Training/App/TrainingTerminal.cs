namespace Cclm.Training.App;

static class TrainingTerminal
{
    /// <summary>Trains under a progress bar.</summary>
    public static TrainingResult Train<T>(this Terminal terminal, string title, Pretrainer<T> pretrainer, IReadOnlyList<T> data, TrainingOptions options, CancellationToken cancellation) =>
        terminal.Progress(title, report => pretrainer.Train(data, options, progress: new Immediate(progress =>
            report((double)progress.Step / progress.Steps, $"loss {progress.Loss:F3}, {progress.CharactersPerSecond:N0} characters/s")), cancellation: cancellation));

    /// <summary>Progress told on the training thread; <see cref="Progress{T}"/> would post it elsewhere and out of order.</summary>
    sealed class Immediate(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
