using Cclm.Inference;
using Cclm.Training.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// Trains a tower, and the embedder under it, on a task. Tasks differ in three things, the example, the head and the loss;
/// neither head nor loss ships with the tower.
/// </summary>
/// <typeparam name="T">One row of the data set.</typeparam>
public abstract class Pretrainer<T>(string name, Preprocessor preprocessor, Embedder embedder, Tower tower) : IDisposable
{
    const string HeadKey = "cclm.head";

    /// <summary>The tower's name in folders and composed models.</summary>
    public string Name { get; } = PartTypes.CheckName(name);

    /// <summary>Turns text to ids.</summary>
    public Preprocessor Preprocessor => preprocessor;

    /// <summary>The shared base; it outlives the pretrainer.</summary>
    public Embedder Embedder => embedder;

    /// <summary>What is trained for the composed model; it outlives the pretrainer.</summary>
    public Tower Tower => tower;

    /// <summary>What turns the tower's output into the task's answer while it trains.</summary>
    protected abstract Module Head { get; }

    /// <summary>What the head answers, in words: a saved head is only read back for the same answers.</summary>
    protected abstract string HeadDescription { get; }

    /// <summary>A row's text.</summary>
    protected abstract string TextOf(T row);

    /// <summary>The example: what the model reads of a row, and what it should say.</summary>
    /// <param name="row">The row.</param>
    /// <param name="random">All chance comes from here.</param>
    /// <param name="training">False in <see cref="Evaluate"/>, which puts no noise on the text.</param>
    protected abstract Example Encode(T row, Random random, bool training);

    /// <summary>The head's answer: logits [N,K] and the classes [N] that they are for.</summary>
    /// <param name="hidden">What the tower says, [B,T,C].</param>
    /// <param name="targets">The examples' targets [B,T'].</param>
    protected abstract (Tensor Logits, Tensor Classes) Predict(Value.Torch hidden, Tensor targets);

    /// <summary>The loss of one batch; cross-entropy unless the task says otherwise.</summary>
    /// <param name="logits">What <see cref="Predict"/> answered, [N,K].</param>
    /// <param name="classes">What was asked for, [N].</param>
    /// <param name="smoothing">The share of the target that is spread over all classes; 0 in evaluation.</param>
    protected virtual Tensor Loss(Tensor logits, Tensor classes, double smoothing) => functional.cross_entropy(logits, classes, label_smoothing: smoothing);

    /// <summary>One answer for a reader's eyes.</summary>
    /// <param name="row">The row.</param>
    /// <param name="example">What was made of it.</param>
    /// <param name="answers">The likeliest class of each target that asks something, in order.</param>
    protected abstract Sample Show(T row, Example example, IReadOnlyList<long> answers);

    /// <summary>Checks a data set before any time is spent on it; it is streamed, and read no further than the check goes.</summary>
    /// <exception cref="ArgumentException">The task can not be learned from it.</exception>
    protected virtual void Check(IEnumerable<T> dataset)
    {
        if (!dataset.Any())
        {
            throw new ArgumentException("The data set is empty; expected at least one row.", nameof(dataset));
        }
    }

    /// <summary>Moves embedder, tower and head to where they are to be trained.</summary>
    public void To(Device device)
    {
        foreach (var (_, module) in Modules)
        {
            module.to(device);
        }
    }

    /// <summary>Keeps parts as they are in the training that follows.</summary>
    public void Freeze(Parts parts) => SetFrozen(parts, layer => layer.Freeze());

    /// <summary>Undoes <see cref="Freeze"/>.</summary>
    public void Unfreeze(Parts parts) => SetFrozen(parts, layer => layer.Unfreeze());

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
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Check();
        Check(dataset.Read().Select(row => row.Row));
        CheckPreprocessor();
        ModelExporter.Check(preprocessor, embedder, tower);     // what could not be exported after training fails before it
        using var loop = new TrainingLoop<T>(this, dataset, options, heldOut, folder);
        return loop.Run(progress, cancellation);
    }

    /// <inheritdoc cref="Train(RowSource{T}, TrainingOptions, IReadOnlyList{T}, RunFolder, IProgress{TrainingProgress}, CancellationToken)"/>
    public TrainingResult Train(IReadOnlyList<T> dataset, TrainingOptions options, IReadOnlyList<T>? heldOut = null, RunFolder? folder = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(RowSource.Of(dataset), options, heldOut, folder, progress, cancellation);

    /// <summary>Measures loss and accuracy on rows that were not trained on, in evaluation mode.</summary>
    /// <param name="dataset">The rows, in any order.</param>
    /// <param name="options">Batch size and seed.</param>
    /// <param name="cancellation">Stops it.</param>
    public Evaluation Evaluate(IReadOnlyList<T> dataset, TrainingOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        Check(dataset);
        CheckPreprocessor();
        SetTraining(false);
        using var frozen = no_grad();
        var (loss, right, count) = (0.0, 0L, 0L);
        foreach (var rows in dataset.OrderBy(row => TextOf(row).Length).Chunk(options.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (logits, classes) = Answer(Batch.Of([.. rows.Select(row => Encode(row, new Random(options.Seed + TextOf(row).Length), training: false))]));
            var asked = classes.shape[0];
            loss += asked == 0 ? 0 : Loss(logits, classes, 0).item<float>() * asked;
            right += logits.argmax(-1).eq(classes).sum().item<long>();
            count += asked;
        }
        return new(loss / count, (double)right / count, count);
    }

    /// <summary>What is read, asked for and answered of some rows, as in <see cref="Evaluate"/>.</summary>
    public IReadOnlyList<Sample> Samples(IEnumerable<T> rows, int seed = 1)
    {
        SetTraining(false);
        using var frozen = no_grad();
        return [.. rows.Select(row =>
        {
            using var scope = NewDisposeScope();
            var example = Encode(row, new Random(seed), training: false);
            return Show(row, example, Answer(Batch.Of([example])).Logits.argmax(-1).cpu().data<long>().ToArray());
        })];
    }

    /// <summary>Writes preprocessor, embedder, tower and head.</summary>
    public void Save(ModelFolder folder)
    {
        FolderUpdate.Write(folder.Path, beside =>
        {
            var written = folder.At(beside);
            written.Save(embedder, preprocessor);
            written.Save(Name, tower, embedder);
            Weights.Save(Head, written.HeadFile(Name), new Dictionary<string, string> { [HeadKey] = HeadDescription });
        });
    }

    /// <summary>Reads the weights of embedder, tower and head back from where <see cref="Save"/> wrote them; a tower that was fetched may have no head, which then begins anew.</summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged, or holds another model's weights.</exception>
    public void Load(ModelFolder folder)
    {
        Weights.Load(embedder, folder.EmbedderFile);
        Weights.Load(tower, folder.TowerFile(Name));
        if (!File.Exists(folder.HeadFile(Name)))
        {
            return;
        }
        if (Safetensors.Read(folder.HeadFile(Name)).Metadata.GetValueOrDefault(HeadKey) is var saved && saved != HeadDescription)
        {
            throw new InvalidDataException($"'{folder.HeadFile(Name)}' was trained to answer {saved ?? "something else"}; this data asks for {HeadDescription}. Train under another name, or with the data it was trained on.");
        }
        Weights.Load(Head, folder.HeadFile(Name));
    }

    /// <summary>Frees the head; embedder and tower are the caller's.</summary>
    public void Dispose()
    {
        Head.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What is learned, in words.</summary>
    internal string RunDescription => HeadDescription;

    /// <summary>What makes the run this one and no other, by name.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Identity =>
    [
        new("what is learned", HeadDescription), new("the preprocessor", PreprocessorHash()),
        new("the embedder", embedder.Frozen ? $"kept as {embedder.WeightsHash()}" : $"trained, {(embedder is ConvEmbedder { Options: { } options } ? PartTypes.Write(options).GetRawText() : embedder.GetName())}"),
        new("the tower", tower.Frozen ? $"kept as {tower.WeightsHash()}" : $"{tower.GetName()} {PartTypes.Write(tower.Options).GetRawText()}"),
    ];

    string PreprocessorHash() => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(preprocessor.ToJson())))[..16];

    internal string Text(T row) => TextOf(row);

    internal int LengthOf(T row) => TextOf(row).Length;

    internal Example Example(T row, Random random) => Encode(row, random, training: true);

    /// <summary>The loss of a batch in training; 0 where nothing is asked.</summary>
    internal Tensor LossOf(Batch batch, double smoothing)
    {
        var (logits, classes) = Answer(batch);
        return classes.shape[0] > 0 ? Loss(logits, classes, smoothing) : logits.sum();
    }

    internal IEnumerable<Parameter> Trainable() => Modules.SelectMany(part => part.Module.parameters()).Where(parameter => parameter.requires_grad);

    /// <summary>The weights of the parts that are trained, by the keys that a checkpoint has.</summary>
    internal IEnumerable<(string Key, Tensor Value)> TrainedWeights() => Modules.Where(part => part.Module is not Layer { Frozen: true })
        .SelectMany(part => part.Module.state_dict().Select(weight => ($"{part.Name}.{weight.Key}", weight.Value)));

    internal void SetTraining(bool training)
    {
        foreach (var (_, module) in Modules)
        {
            module.train(training);
        }
    }

    internal IReadOnlyList<(string Name, Module Module)> Modules => [("embedder", embedder), ("tower", tower), ("head", Head)];

    void CheckPreprocessor()
    {
        if (preprocessor.Length("a") < (preprocessor.Options.AddCls ? 2 : 1))
        {
            throw new ArgumentException($"A longest text of {preprocessor.Options.MaxLength} leaves no room for a character. Raise MaxLength.");
        }
    }

    (Tensor Logits, Tensor Classes) Answer(Batch batch)
    {
        var ids = tensor(batch.Ids, device: Device).view(batch.Rows, -1);
        var targets = tensor(batch.Targets, device: Device).view(batch.Rows, -1);
        return Predict((Value.Torch)tower.forward(Embed(new Value.Torch(ids))), targets);
    }

    Value Embed(Value ids)
    {
        using var frozen = embedder.Frozen ? no_grad() : null;
        return embedder.forward(ids);
    }

    Device Device => embedder.parameters().First().device;

    void SetFrozen(Parts parts, Action<Layer> change)
    {
        if (parts.HasFlag(Parts.Embedder))
        {
            change(embedder);
        }
        if (parts.HasFlag(Parts.Tower))
        {
            change(tower);
        }
    }
}
