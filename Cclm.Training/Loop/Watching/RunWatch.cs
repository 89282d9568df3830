namespace Cclm.Training;

/// <summary>Writes the records of one run. None of them ends it, but a full disk does.</summary>
/// <param name="tasks">What is trained, on what.</param>
/// <param name="folder">Where the records go.</param>
/// <param name="progress">Told what is recorded.</param>
/// <param name="warn">Told which record can not be written.</param>
/// <param name="stop">Ends the run.</param>
sealed class RunWatch(IReadOnlyList<TaskRun> tasks, RunFolder folder, IProgress<TrainingProgress>? progress, Action<string>? warn, Action stop)
    : IProgress<TrainingProgress>, IDisposable
{
    readonly RunLog metrics = new(folder.MetricsFile);
    readonly TensorBoardLog events = new(folder.Path);
    readonly HashSet<string> failed = [];
    bool stale = !folder.HasCheckpoint;     // records that are there are of a run that is not gone on with
    IOException? full;

    public void Report(TrainingProgress value)
    {
        if (stale)
        {
            Try(folder.MetricsFile, () => File.Delete(folder.MetricsFile));
            Try(events.Files, events.Delete);
            stale = false;
        }
        Try(folder.MetricsFile, () => metrics.Report(value));
        Try(events.Files, () => events.Report(value));
        if (value.HeldOut is not null)
        {
            Try(events.Files, () => events.Add("samples/while_training", value.Step, Samples()));
            foreach (var task in tasks)
            {
                task.Pretrainer.SetTraining(true);
            }
        }
        progress?.Report(value);
    }

    /// <exception cref="IOException">The disk was full.</exception>
    public void ThrowWhenFull(int step)
    {
        if (full is not null)
        {
            throw new IOException($"{full.Message} The run is saved at step {step:N0}. Make room, and go on.", full);
        }
    }

    /// <summary>Writes the last records of a run that was not brought down.</summary>
    /// <returns>The result, with what the weights that were kept reach on held-out rows.</returns>
    public TrainingResult Finish(TrainingOptions options, TrainingResult result)
    {
        if (tasks.All(task => task.HasHeldOut) && !result.Cancelled)
        {
            result = result with { HeldOut = MeasuredAt(result.BestStep) ?? TaskRun.Evaluate(tasks, options) };
        }
        var end = result.End switch
        {
            RunEnd.Completed => $"Completed: all {result.Steps:N0} steps.",
            RunEnd.StoppedEarly => $"Stopped early at step {result.Steps:N0} of {options.Steps:N0}: the held-out loss fell no more.",
            _ => $"Interrupted at step {result.Steps:N0} of {options.Steps:N0}; it can be gone on with.",
        };
        var kept = result is { Cancelled: false, BestStep: { } best } ? $" The weights of step {best:N0} were kept, the best on held-out rows." : "";
        Try(events.Files, () => events.Add("samples/at_the_end", result.Steps, Samples()));
        Try(folder.ReportFile, () => WriteReport(options, end + kept, result.HeldOut));
        return result;
    }

    /// <summary>Writes the report of a run that could not go on.</summary>
    public void Finish(TrainingOptions options, TrainingException end) => Try(folder.ReportFile, () => WriteReport(options, end.Message, kept: null));

    public void Dispose() => metrics.Dispose();

    void WriteReport(TrainingOptions options, string end, Evaluation? kept)
    {
        var report = new RunReport
        {
            Name = string.Join(" + ", tasks.Select(task => task.Pretrainer.Name)),
            End = end,
            Learned = string.Join("; ", tasks.Select(task => task.Pretrainer.RunDescription)),
            Parts = [.. TaskRun.Modules(tasks).Select(part => new RunPart(part.Name, part.Module.parameters().Sum(weight => weight.numel()), part.Module is not Layer { Frozen: true }))],
            Options = options,
            Metrics = RunLog.Read(folder.MetricsFile),
            HeldOut = kept,
            Samples = Samples(),
        };
        AtomicFile.Write(folder.ReportFile, report.ToHtml());
    }

    Evaluation? MeasuredAt(int? step) => RunLog.Read(folder.MetricsFile).FirstOrDefault(report => report.Step == step)?.HeldOut;

    IReadOnlyList<Sample> Samples() => [.. tasks.SelectMany(task => task.Samples())];

    /// <summary>What fails once is left alone from then on.</summary>
    void Try(string file, Action write)
    {
        if (failed.Contains(file))
        {
            return;
        }
        try
        {
            write();
        }
        catch (IOException e) when (IsFullDisk(e))
        {
            failed.Add(file);
            full ??= new($"'{file}' can not be written: {e.Message}", e);
            stop();
        }
        catch (Exception e)
        {
            failed.Add(file);
            warn?.Invoke($"'{file}' can not be written, and is left as it is: {e.Message}");
        }
    }

    static bool IsFullDisk(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is 39 or 112     // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
        : e.HResult is 28 or 122;               // ENOSPC, EDQUOT
}
