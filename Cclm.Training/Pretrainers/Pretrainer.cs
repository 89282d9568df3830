using System.Diagnostics;
using Cclm.Inference;
using Cclm.Training.Data;
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
    protected virtual Tensor Loss(Tensor logits, Tensor classes) => functional.cross_entropy(logits, classes);

    /// <summary>Checks a data set before any time is spent on it.</summary>
    /// <exception cref="ArgumentException">The task can not be learned from it.</exception>
    protected virtual void Check(IReadOnlyList<T> dataset)
    {
        if (dataset.Count == 0)
        {
            throw new ArgumentException("The data set is empty; expected at least one row.", nameof(dataset));
        }
        if (preprocessor.Length("a") < (preprocessor.Options.AddCls ? 2 : 1))
        {
            throw new ArgumentException($"A longest text of {preprocessor.Options.MaxLength} leaves no room for a character. Raise MaxLength.");
        }
    }

    /// <summary>Keeps parts as they are in the training that follows.</summary>
    public void Freeze(Parts parts) => SetFrozen(parts, layer => layer.Freeze());

    /// <summary>Undoes <see cref="Freeze"/>.</summary>
    public void Unfreeze(Parts parts) => SetFrozen(parts, layer => layer.Unfreeze());

    /// <summary>Trains on a data set.</summary>
    /// <param name="dataset">The rows; they are shuffled by the options' seed.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told every <see cref="TrainingOptions.ReportEvery"/> steps, on this thread if it is synchronous.</param>
    /// <param name="cancellation">Ends the run after the step it is in; what was learned is kept.</param>
    /// <exception cref="ArgumentException">The options or the data can not be trained on.</exception>
    /// <exception cref="TrainingException">The loss is no number any more.</exception>
    public TrainingResult Train(IReadOnlyList<T> dataset, TrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Check();
        Check(dataset);
        ModelExporter.Check(preprocessor, embedder, tower);     // what could not be exported after training fails before it
        random.manual_seed(options.Seed);
        var losses = new List<double>();
        var (step, characters, clock) = (0, 0L, Stopwatch.StartNew());
        using var optimizer = new FlatParameters(Trainable());
        using var summed = zeros(1, device: Device);
        SetTraining(true);
        try
        {
            foreach (var batch in Batches.Shuffled(dataset, row => TextOf(row).Length, (row, chance) => Encode(row, chance, training: true), options.BatchSize, options.Seed))
            {
                if (cancellation.IsCancellationRequested)
                {
                    break;
                }
                using var scope = NewDisposeScope();
                optimizer.ZeroGradients();
                var (logits, classes) = Answer(batch);
                var loss = classes.shape[0] > 0 ? Loss(logits, classes) : logits.sum();     // nothing asked: a loss of 0
                loss.backward();
                optimizer.Step(options.LearningRateAt(step), options.WeightDecay, options.ClipNorm);
                summed.add_(loss.detach());
                characters += batch.Characters;
                if (++step % options.ReportEvery == 0 || step == options.Steps)
                {
                    losses.Add(MeanLoss(summed, step, options));
                    progress?.Report(new(step, options.Steps, losses[^1], options.LearningRateAt(step - 1), characters / clock.Elapsed.TotalSeconds, clock.Elapsed));
                }
                if (step == options.Steps)
                {
                    break;
                }
            }
        }
        finally
        {
            SetTraining(false);
        }
        return new(step, losses, step < options.Steps, clock.Elapsed);
    }

    /// <summary>Measures loss and accuracy on rows that were not trained on, in evaluation mode.</summary>
    /// <param name="dataset">The rows, in any order.</param>
    /// <param name="options">Batch size and seed.</param>
    /// <param name="cancellation">Stops it.</param>
    public Evaluation Evaluate(IReadOnlyList<T> dataset, TrainingOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        Check(dataset);
        SetTraining(false);
        using var frozen = no_grad();
        var (loss, right, count) = (0.0, 0L, 0L);
        foreach (var rows in dataset.OrderBy(row => TextOf(row).Length).Chunk(options.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (logits, classes) = Answer(Batch.Of([.. rows.Select(row => Encode(row, new Random(options.Seed + TextOf(row).Length), training: false))]));
            var asked = classes.shape[0];
            loss += asked == 0 ? 0 : Loss(logits, classes).item<float>() * asked;
            right += logits.argmax(-1).eq(classes).sum().item<long>();
            count += asked;
        }
        return new(loss / count, (double)right / count, count);
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

    /// <summary>Reads the weights of embedder, tower and head back from where <see cref="Save"/> wrote them.</summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged, or holds another model's weights.</exception>
    public void Load(ModelFolder folder)
    {
        if (Safetensors.Read(folder.HeadFile(Name)).Metadata.GetValueOrDefault(HeadKey) is var saved && saved != HeadDescription)
        {
            throw new InvalidDataException($"'{folder.HeadFile(Name)}' was trained to answer {saved ?? "something else"}; this data asks for {HeadDescription}. Train under another name, or with the data it was trained on.");
        }
        Weights.Load(embedder, folder.EmbedderFile);
        Weights.Load(tower, folder.TowerFile(Name));
        Weights.Load(Head, folder.HeadFile(Name));
    }

    /// <summary>Frees the head; embedder and tower are the caller's.</summary>
    public void Dispose()
    {
        Head.Dispose();
        GC.SuppressFinalize(this);
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

    IEnumerable<Parameter> Trainable() =>
        ((Module[])[embedder, tower, Head]).SelectMany(module => module.parameters()).Where(parameter => parameter.requires_grad);

    void SetTraining(bool training)
    {
        foreach (var module in (ReadOnlySpan<Module>)[embedder, tower, Head])
        {
            module.train(training);
        }
    }

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

    static double MeanLoss(Tensor summed, int step, TrainingOptions options)
    {
        var steps = (step - 1) % options.ReportEvery + 1;
        var loss = summed.item<float>() / steps;
        summed.zero_();
        return double.IsFinite(loss) ? loss : throw new TrainingException(
            $"The loss is {loss} in the steps {step - steps + 1} to {step}, so the weights are lost. Lower the learning rate ({options.LearningRate}), or lengthen the warm-up ({options.Warmup}).");
    }
}
