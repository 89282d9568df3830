using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>A pretrainer of a data set's rows.</summary>
/// <typeparam name="T">One row of the data set.</typeparam>
public abstract class Pretrainer<T>(string name, Preprocessor preprocessor, Embedder embedder, Tower tower) : Pretrainer(name, preprocessor, embedder, tower)
{
    /// <summary>A row's text; of several, all that tells the row from others.</summary>
    protected abstract string TextOf(T row);

    /// <summary>Whether a row is trained on and measured; all are unless the task says otherwise.</summary>
    protected virtual bool Accepts(T row) => true;

    /// <summary>The example: what the model reads of a row, and what it should say.</summary>
    /// <param name="row">The row.</param>
    /// <param name="random">All chance comes from here.</param>
    /// <param name="training">False in <see cref="Evaluate"/>, which puts no noise on the text.</param>
    protected abstract Example Encode(T row, Random random, bool training);

    /// <summary>One answer for a reader's eyes.</summary>
    /// <param name="row">The row.</param>
    /// <param name="example">What was made of it.</param>
    /// <param name="answer">The head's answer to it.</param>
    protected abstract Sample Show(T row, Example example, Answer answer);

    /// <summary>Checks a data set before any time is spent on it; it is streamed, and read no further than the check goes.</summary>
    /// <exception cref="ArgumentException">The task can not be learned from it.</exception>
    protected virtual void Check(IEnumerable<T> dataset)
    {
        if (!dataset.Any())
        {
            throw new ArgumentException("The data set is empty; expected at least one row.", nameof(dataset));
        }
    }

    /// <summary>Trains on a data set.</summary>
    /// <param name="dataset">The rows; they are shuffled by the options' seed.</param>
    /// <param name="options">How.</param>
    /// <param name="heldOut">Rows to evaluate on while training (<see cref="TrainingOptions.EvaluateEvery"/>).</param>
    /// <param name="folder">Where checkpoints go. A run that one is there of is gone on with, and ends as if it had never been stopped.</param>
    /// <param name="progress">Told every <see cref="TrainingOptions.ReportEvery"/> steps, on this thread if it is synchronous.</param>
    /// <param name="cancellation">Ends the run after the step it is in; what was learned is kept.</param>
    /// <exception cref="ArgumentException">The options or the data can not be trained on.</exception>
    /// <exception cref="InvalidDataException">The folder holds a run that was begun with other data or options.</exception>
    /// <exception cref="IOException">A checkpoint can not be written; the one before it is whole.</exception>
    /// <exception cref="TrainingException">The loss is no number any more or exploded; the weights are those before it did.</exception>
    public TrainingResult Train(RowSource<T> dataset, TrainingOptions options, IReadOnlyList<T>? heldOut = null, RunFolder? folder = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        MultiTask.Train([On(dataset, heldOut)], options, folder, progress, cancellation);

    /// <inheritdoc cref="Train(RowSource{T}, TrainingOptions, IReadOnlyList{T}, RunFolder, IProgress{TrainingProgress}, CancellationToken)"/>
    public TrainingResult Train(IReadOnlyList<T> dataset, TrainingOptions options, IReadOnlyList<T>? heldOut = null, RunFolder? folder = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(RowSource.Of(dataset), options, heldOut, folder, progress, cancellation);

    /// <summary>This task on its data, as one of those that <see cref="MultiTask"/> trains in one run.</summary>
    /// <param name="dataset">The rows.</param>
    /// <param name="heldOut">Rows to evaluate on while training.</param>
    /// <param name="weight">How often the task is trained, beside the others' weights.</param>
    public TaskRun On(RowSource<T> dataset, IReadOnlyList<T>? heldOut = null, double weight = 1) => new TaskRun<T>(this, dataset.Where(Accepts), heldOut?.Where(Accepts).ToList(), weight);

    /// <summary>Measures loss and metric on rows that were not trained on, in evaluation mode.</summary>
    /// <param name="dataset">The rows, in any order.</param>
    /// <param name="options">Batch size and seed.</param>
    /// <param name="cancellation">Stops it.</param>
    public Evaluation Evaluate(IReadOnlyList<T> dataset, TrainingOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        dataset = [.. dataset.Where(Accepts)];
        Check(dataset);
        return Evaluate(dataset.OrderBy(LengthOf).Chunk(options.BatchSize)
            .Select(rows => Batch.Of([.. rows.Select(row => Encode(row, new Random(options.Seed + LengthOf(row)), training: false))])), cancellation);
    }

    /// <summary>What is read, asked for and answered of some rows, as in <see cref="Evaluate"/>.</summary>
    public IReadOnlyList<Sample> Samples(IEnumerable<T> rows, int seed = 1)
    {
        SetTraining(false);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        return Show([.. rows.Select(row => (row, Encode(row, new Random(seed), training: false)))]);
    }

    /// <summary>Some answers for a reader's eyes; each row is asked alone unless the task asks them together.</summary>
    protected virtual IReadOnlyList<Sample> Show(IReadOnlyList<(T Row, Example Example)> examples) =>
        [.. examples.Select(example => Show(example.Row, example.Example, AnswerTo(Batch.Of([example.Example]))))];

    internal void CheckData(IEnumerable<T> dataset) => Check(dataset);

    internal string Text(T row) => TextOf(row);

    internal int LengthOf(T row) => TextOf(row).Length;

    internal Example Example(T row, Random random) => Encode(row, random, training: true);
}
