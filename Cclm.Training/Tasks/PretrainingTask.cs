using System.Text.Json;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>A task that commands and recipes know by its name.</summary>
/// <param name="name">Its name there.</param>
/// <param name="description">What is learned, and from what data.</param>
public abstract class PretrainingTask(string name, string description)
{
    /// <summary>The task's name in recipes and on the command line.</summary>
    public string Name => name;

    /// <summary>What is learned, and from what data.</summary>
    public string Description => description;

    /// <summary>What the tower is called where nothing else is said.</summary>
    public string TowerName => name.Replace('-', '_');

    /// <summary>The corpus of a command's example, such as <c>--corpus data.txt</c>.</summary>
    public virtual string CorpusExample => "--corpus data.txt";

    /// <summary>Whether the task's head is of use while it trains only: it is not exported, and a recipe can not ask for it.</summary>
    public virtual bool HeadOnlyTrains => false;

    /// <summary>The class of the options, for a schema of them.</summary>
    public abstract Type Options { get; }

    /// <summary>Looks whether options are the task's, before time is spent on its rows.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    internal void CheckOptions(JsonElement? options)
    {
        if (options is { } json)
        {
            PartTypes.Read(json, Options, OptionsInWords);
        }
    }

    /// <summary>The task's options; the defaults where there are none.</summary>
    /// <exception cref="ArgumentException">They are not the task's.</exception>
    protected TOptions Chosen<TOptions>(JsonElement? options) where TOptions : new() => PartTypes.ReadOrDefault<TOptions>(options, OptionsInWords);

    string OptionsInWords => $"options of the task '{Name}'";

    /// <summary>Does something that has to know the type of the task's rows.</summary>
    internal abstract TResult Use<TResult>(ITaskUser<TResult> user);
}

/// <summary>What works on tasks whatever their rows are.</summary>
interface ITaskUser<out TResult>
{
    TResult Use<T>(PretrainingTask<T> task);
}

/// <summary>A task on rows of one type.</summary>
/// <typeparam name="T">One row of the data.</typeparam>
public abstract class PretrainingTask<T>(string name, string description) : PretrainingTask(name, description)
{
    /// <summary>The rows of a corpus.</summary>
    public abstract RowSource<T> Open(CorpusOptions corpus);

    /// <summary>A row's text.</summary>
    public abstract string TextOf(T row);

    /// <summary>The texts of a row that the model reads, each by itself: one, unless the task says otherwise.</summary>
    public virtual IEnumerable<string> TextsOf(T row) => [TextOf(row)];

    /// <summary>A row's labels, for a survey of them.</summary>
    public virtual IEnumerable<string> LabelsOf(T row) => [];

    /// <summary>Makes what trains a tower.</summary>
    /// <param name="parts">What is trained.</param>
    /// <param name="options">The task's options as JSON; null for the defaults.</param>
    /// <param name="rows">All rows, those that are held out too, for what has to be known beforehand, such as the labels there are.</param>
    /// <exception cref="ArgumentException">The options are not the task's, or the rows can not be learned from.</exception>
    public abstract Pretrainer<T> Create(TaskParts parts, JsonElement? options, RowSource<T> rows);

    internal sealed override TResult Use<TResult>(ITaskUser<TResult> user) => user.Use(this);
}

/// <summary>What a pretrainer is made of.</summary>
/// <param name="Name">The tower's name.</param>
/// <param name="Preprocessor">Turns text to ids.</param>
/// <param name="Embedder">The shared base.</param>
/// <param name="Tower">What is trained.</param>
public sealed record TaskParts(string Name, Preprocessor Preprocessor, Embedder Embedder, Tower Tower)
{
    /// <summary>Whether a text is held out, for tasks that read more texts than that of the row they are given.</summary>
    public Func<string, bool> IsHeldOut { get; init; } = _ => false;
}
