namespace Cclm.Training;

/// <summary>Every task that commands and recipes can name. An application adds its own here.</summary>
public sealed class TaskTypes
{
    readonly Dictionary<string, PretrainingTask> tasks = [];

    /// <summary>The tasks that come with CCLM.</summary>
    public TaskTypes() => Add(new CharacterMaskTask()).Add(new MaskedLanguageTask()).Add(new CausalTask()).Add(new CategoricalTask()).Add(new MultiLabelTask())
        .Add(new TaggingTask()).Add(new ContrastiveTask()).Add(new GraphTask()).Add(new AutoencodeTask()).Add(new DistillationTask());

    /// <summary>All tasks, in the order in which they were added.</summary>
    public IEnumerable<PretrainingTask> All => tasks.Values;

    /// <summary>Those whose heads are exported, which a recipe can ask for.</summary>
    internal IEnumerable<PretrainingTask> OfHeads => All.Where(task => !task.HeadOnlyTrains);

    /// <summary>Makes a task known.</summary>
    public TaskTypes Add(PretrainingTask task)
    {
        tasks.Add(task.Name, task);
        return this;
    }

    /// <exception cref="ArgumentException">No task of that name is known.</exception>
    public PretrainingTask Find(string name) => tasks.TryGetValue(name, out var task) ? task
        : throw new ArgumentException($"No task '{name}' is known; there are {string.Join(", ", tasks.Keys.Select(known => $"'{known}'"))}. Add your own with AddTask where the application starts.", nameof(name));
}
