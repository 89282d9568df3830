using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cclm.Training.App;

/// <summary>A run as a terminal shows it while it goes on.</summary>
/// <param name="title">What is trained.</param>
/// <param name="unicode">Whether the terminal has more than ASCII.</param>
sealed class TrainingTable(string title, bool unicode)
{
    const int BarWidth = 32;
    static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(200);     // between two changes of what is shown
    static readonly char[] Levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

    readonly Queue<double> losses = [];
    readonly Stopwatch shown = new();
    TrainingProgress? last;
    (int Step, Evaluation Evaluation)? measured, best;

    /// <summary>Takes a report in.</summary>
    /// <returns>Whether it is time to draw.</returns>
    public bool Add(TrainingProgress progress)
    {
        losses.Enqueue(progress.Loss);
        if (losses.Count > BarWidth)
        {
            losses.Dequeue();
        }
        last = progress;
        if (progress.HeldOut is { } evaluation)
        {
            measured = (progress.Step, evaluation);
            best = best is { } before && before.Evaluation.Loss <= evaluation.Loss ? before : measured;
        }
        if (shown.IsRunning && shown.Elapsed < Calm && progress.Step < progress.Steps)
        {
            return false;
        }
        shown.Restart();
        return true;
    }

    /// <summary>The table as it is now.</summary>
    public IRenderable Draw()
    {
        var grid = new Grid { Expand = false }.AddColumn(new() { NoWrap = true }).AddColumn();
        foreach (var (name, value) in last is null ? [("", "the first steps are under way")] : Lines(last))
        {
            grid.AddRow(new Text(name, Color.Grey), new Text(value));
        }
        return new Rows(new Text(title, new Style(decoration: Decoration.Bold)), grid);
    }

    /// <summary>A time in hours, minutes and seconds.</summary>
    public static string Time(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time:m\\:ss}";

    IEnumerable<(string Name, string Value)> Lines(TrainingProgress now)
    {
        yield return ("step", $"{Bar((double)now.Step / now.Steps)} {now.Step:N0} of {now.Steps:N0}");
        yield return ("loss", $"{now.Loss:F4}  {Sparkline()}");
        if (measured is { } held && best is { } lowest)
        {
            yield return ("held out", $"loss {held.Evaluation.Loss:F4}, {held.Evaluation.Main} at step {held.Step:N0}; lowest {lowest.Evaluation.Loss:F4} at {lowest.Step:N0}");
        }
        yield return ("learning rate", $"{now.LearningRate:0.00e+0}");
        yield return ("characters/s", $"{now.CharactersPerSecond:N0}");
        yield return ("memory", $"{now.Memory / 1e6:N0} MB");
        yield return ("time", $"{Time(now.Elapsed)}, {Time(now.Remaining)} left");
    }

    string Bar(double share)
    {
        var done = (int)(share * BarWidth);
        return unicode ? new string('━', done) + new string('╌', BarWidth - done) : new string('=', done) + new string('.', BarWidth - done);
    }

    /// <summary>The last losses, each as high as it lies between the lowest and the highest of them.</summary>
    string Sparkline()
    {
        var (low, high) = (losses.Min(), losses.Max());
        return unicode && high > low ? string.Concat(losses.Select(loss => Levels[(int)Math.Round((loss - low) / (high - low) * (Levels.Length - 1))])) : "";
    }
}
