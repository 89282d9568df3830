using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>A task's rows.</summary>
/// <param name="Rows">All of them.</param>
/// <param name="Train">Those that are trained on.</param>
/// <param name="HeldOut">Those that are measured on; no text of them is trained on.</param>
/// <param name="IsHeldOut">Whether a text is held out, measured on or not.</param>
sealed record TaskData<T>(RowSource<T> Rows, RowSource<T> Train, IReadOnlyList<T> HeldOut, Func<string, bool> IsHeldOut);

/// <summary>Reads what tasks are trained and measured on.</summary>
static class TaskData
{
    /// <summary>The most rows that are evaluated on again and again.</summary>
    public const int EvaluatedWhileTraining = 1_000;

    const long MostCharactersInMemory = 256_000_000;
    const int FewRows = 200, PermilleOfFew = 300;       // a twentieth of a small corpus might be nothing
    const int HeldOutAtMost = 10_000;
    const double CutIsWorthAWarning = 0.1;

    /// <summary>Reads a job's corpus and says what it is like, before time is spent on it.</summary>
    /// <param name="task">The task.</param>
    /// <param name="job">The job.</param>
    /// <param name="reads">How much of a text the model reads.</param>
    /// <param name="terminal">Shows progress.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">It can not be read, or there is too little to hold some out.</exception>
    public static TaskData<T> Read<T>(PretrainingTask<T> task, TrainingJob job, PreprocessorOptions reads, Terminal terminal, CancellationToken cancellation)
    {
        var rows = terminal.Progress("Reading the corpus", _ => task.Open(job.Corpus).Until(cancellation).HeldInMemory(row => task.TextOf(row).Length, MostCharactersInMemory));
        Survey(task, rows, reads);
        var permille = HeldOutPermille(rows, job.HeldOutPermille);
        var train = rows.Where(row => !IsHeldOut(task.TextOf(row)));
        var heldOut = Corpus.HeldOut(rows.Read().Select(row => row.Row), task.TextOf, permille, HeldOutAtMost);
        return train.Read().Any() && heldOut.Count > 0 ? new TaskData<T>(rows, train, heldOut, IsHeldOut) : throw new InvalidDataException(
            $"Of {rows.Read().Count()} texts, {heldOut.Count} fell into the {permille} of 1,000 to hold out; expected at least one on either side. Use a corpus with more different texts.");

        bool IsHeldOut(string text) => Corpus.IsHeldOut(text, permille);
    }

    /// <summary>The share of a corpus that is held out where some share is asked for.</summary>
    public static int HeldOutPermille<T>(RowSource<T> rows, int permille) => rows.Read().Skip(FewRows).Any() ? permille : PermilleOfFew;

    static void Survey<T>(PretrainingTask<T> task, RowSource<T> rows, PreprocessorOptions reads)
    {
        var (survey, lengths) = (new CorpusSurvey(), new TextLengths());
        foreach (var (_, row) in rows.Read())
        {
            survey.Add(task.TextOf(row), [.. task.LabelsOf(row)]);
            foreach (var text in task.TextsOf(row))
            {
                lengths.Add(text);
            }
        }
        var report = survey.Report();
        Terminal.Tell(string.Join('\n', report.Lines().Select(line => $"  {line.Name}: {line.Value}")
            .Concat(report.Warnings().Concat(WarningOfCuts(lengths, reads)).Select(warning => $"warning: {warning}"))));
    }

    static IEnumerable<string> WarningOfCuts(TextLengths lengths, PreprocessorOptions reads)
    {
        var cut = lengths.LongerThan(reads.MostCharacters);
        return cut <= lengths.Count * CutIsWorthAWarning ? [] :
            [$"{cut:N0} of {lengths.Count:N0} texts are longer than the {reads.MostCharacters:N0} characters that the model reads, and are cut: 90% have up to {lengths.Quantile(0.9):N0}, the longest {lengths.Longest:N0}. " +
             "A new model reads more with --max-length N (in a recipe preprocessor.maxLength)."];
    }
}
