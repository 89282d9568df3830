namespace Cclm.Training;

/// <summary>What a run leaves while it trains: checkpoints to go on from, metrics, and at its end a report.</summary>
/// <param name="path">The folder; it is made when something is written.</param>
/// <param name="settings">What the run is begun with besides its data, model and training options, by name, such as the options of its task. A run that was begun with other settings is not gone on with.</param>
public sealed class RunFolder(string path, IReadOnlyDictionary<string, string>? settings = null)
{
    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>One JSON object a line, for each report of progress.</summary>
    public string MetricsFile => System.IO.Path.Combine(path, "metrics.jsonl");

    /// <summary>The run on one page.</summary>
    public string ReportFile => System.IO.Path.Combine(path, "report.html");

    /// <summary>Whether there is a run to go on with, or a finished one to train longer.</summary>
    public bool HasCheckpoint => Files().Any();

    /// <summary>What is trained, for checkpoints to say.</summary>
    internal RunModel? Model { get; set; }

    internal IReadOnlyDictionary<string, string> Settings => settings ?? new Dictionary<string, string>();

    string SavedFile => System.IO.Path.Combine(path, "saved");

    string Checkpoints => System.IO.Path.Combine(path, "checkpoints");

    /// <summary>Forgets the run.</summary>
    public void Clear()
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Remembers that what the run trained was saved as a file.</summary>
    internal void MarkSaved(string file) => AtomicFile.Write(SavedFile, FileHash.Of(file));

    /// <summary>Whether a file is what the run trained, or null where the run was not saved yet or the file is gone.</summary>
    internal bool? IsSavedAs(string file) => File.Exists(SavedFile) && File.Exists(file) ? File.ReadAllText(SavedFile) == FileHash.Of(file) : null;

    /// <summary>The newest checkpoint; null where the run has none.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    internal Checkpoint? Newest() => Files().LastOrDefault() is { } newest ? Checkpoint.Read(newest) : null;

    /// <summary>Adds a checkpoint, and deletes the oldest when there are too many, or all but the last when the run is over.</summary>
    internal void Add(Checkpoint checkpoint)
    {
        AtomicFile.DeleteLeftovers(path);
        AtomicFile.DeleteLeftovers(Checkpoints);
        var file = System.IO.Path.Combine(Checkpoints, $"step-{checkpoint.State.Step:D9}.safetensors");
        try
        {
            checkpoint.Write(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The checkpoint '{file}' can not be written: {e.Message} {(Files().LastOrDefault() is { } last ? $"The one before it, '{last}', is whole." : "There was none before it.")} " +
                "Make room, or make the folder writable, and go on.", e);
        }
        foreach (var old in Files().SkipLast(checkpoint.State.Finished ? 1 : checkpoint.State.Options.KeepCheckpoints).ToList())
        {
            File.Delete(old);
        }
    }

    IEnumerable<string> Files() => Directory.Exists(Checkpoints)
        ? Directory.GetFiles(Checkpoints, "step-*.safetensors").Order(StringComparer.Ordinal)
        : [];
}
