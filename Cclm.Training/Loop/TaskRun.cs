using System.Security.Cryptography;
using System.Text;
using Cclm.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>One task in a run: its pretrainer, and the data that it is trained and measured on.</summary>
public abstract class TaskRun
{
    private protected TaskRun(Pretrainer pretrainer, double weight) => (Pretrainer, Weight) = (pretrainer, weight);

    /// <summary>What is trained.</summary>
    public Pretrainer Pretrainer { get; }

    /// <summary>How often the task is trained, beside the others' weights.</summary>
    public double Weight { get; }

    /// <summary>Whether there is something to measure it on.</summary>
    internal abstract bool HasHeldOut { get; }

    /// <summary>Checks that parts and data can be trained.</summary>
    internal abstract void Check();

    /// <summary>A hash of the first rows.</summary>
    internal abstract string DataHash();

    /// <summary>Batches from a position on, each with the position behind it.</summary>
    internal abstract IEnumerable<(Batch Batch, DataPosition Next)> Batches(DataPosition from, TrainingOptions options);

    /// <summary>Loss and measures on what is held out.</summary>
    internal abstract Evaluation Evaluate(TrainingOptions options);

    /// <summary>The weights that are trained, by their distance from the answer: those of all heads, of all towers, and of what the tasks share.</summary>
    internal static IReadOnlyList<IReadOnlyList<Parameter>> Parameters(IReadOnlyList<TaskRun> tasks)
    {
        var shared = tasks[0].Pretrainer.Embedder.PartsByDepth();
        IEnumerable<Parameter>[] parts = [tasks.SelectMany(task => task.Pretrainer.HeadParameters), tasks.SelectMany(task => task.Pretrainer.Tower.parameters()), .. shared];
        return [.. parts.Select(part => (IReadOnlyList<Parameter>)[.. part.Where(parameter => parameter.requires_grad)]).Where(part => part.Count > 0)];
    }

    /// <summary>All that tasks train: the embedder that they share, and each one's tower and head.</summary>
    internal static IEnumerable<(string Name, Module Module)> Modules(IReadOnlyList<TaskRun> tasks) =>
    [
        tasks[0].Pretrainer.Modules[0],
        .. tasks.SelectMany(task => task.Pretrainer.Modules.Skip(1).Select(part => (tasks.Count == 1 ? part.Name : $"{task.Pretrainer.Name}.{part.Name}", part.Module))),
    ];

    /// <summary>Loss and measures of several tasks: the mean loss by weight, and each one's measures under its name.</summary>
    internal static Evaluation Evaluate(IReadOnlyList<TaskRun> tasks, TrainingOptions options)
    {
        if (tasks.Count == 1)
        {
            return tasks[0].Evaluate(options);
        }
        var measured = tasks.Select(task => (Task: task, Evaluation: task.Evaluate(options))).ToList();
        return new(measured.Sum(task => task.Task.Weight * task.Evaluation.Loss) / tasks.Sum(task => task.Weight), measured.Sum(task => task.Evaluation.Count),
            [.. measured.SelectMany(task => task.Evaluation.Measures.Select(measure => measure with { Name = $"{task.Task.Pretrainer.Name}: {measure.Name}" }))]);
    }

    /// <summary>Some answers, to rows that are held out where there are any.</summary>
    internal abstract IReadOnlyList<Sample> Samples();
}

/// <inheritdoc cref="TaskRun"/>
sealed class TaskRun<T>(Pretrainer<T> pretrainer, RowSource<T> rows, IReadOnlyList<T>? heldOut, double weight) : TaskRun(pretrainer, weight)
{
    const int HashedRows = 256, SampleCount = 8;

    readonly Lazy<IReadOnlyList<T>> shown = new(() => heldOut is null
        ? [.. rows.Read().Take(SampleCount).Select(row => row.Row)]
        : [.. heldOut.Chunk(Math.Max(1, heldOut.Count / SampleCount)).Take(SampleCount).Select(some => some[0])]);

    internal override bool HasHeldOut => heldOut is not null;

    internal override void Check()
    {
        pretrainer.CheckData(rows.Read().Select(row => row.Row));
        if (heldOut is not null)
        {
            pretrainer.CheckData(heldOut);
        }
        pretrainer.CheckParts();
    }

    internal override string DataHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, row) in rows.Read().Take(HashedRows))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{row}\n{pretrainer.Text(row)}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <remarks>A step that is begun is ended: the loop hears of cancellation between steps, where the run can be saved.</remarks>
    internal override IEnumerable<(Batch Batch, DataPosition Next)> Batches(DataPosition from, TrainingOptions options) =>
        new BatchStream<T>(rows.Uncancelled(), pretrainer.LengthOf, pretrainer.Example, options).From(from);

    internal override Evaluation Evaluate(TrainingOptions options) => pretrainer.Evaluate(heldOut!, options);

    internal override IReadOnlyList<Sample> Samples() => pretrainer.Samples(shown.Value);
}
