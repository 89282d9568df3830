using System.Security.Cryptography;
using System.Text;
using Cclm.Inference;
using Cclm.Training.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// Trains a tower, and the embedder under it, on a task. Tasks differ in the example, the head, the loss and the metric; none of
/// them ships with the tower.
/// </summary>
/// <remarks>Tasks derive from <see cref="Pretrainer{T}"/>, which knows their rows.</remarks>
public abstract class Pretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower) : IDisposable
{
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

    /// <summary>The head's answer to a batch. Chance, such as drawn candidates, is libtorch's, which is seeded for each step; but see <see cref="LossIsOfEachText"/>.</summary>
    /// <param name="hidden">What the tower says of the batch's texts, [N,T,C]; it is not changed in place.</param>
    /// <param name="batch">The batch, whose targets <see cref="Batch.TargetsOn"/> gives.</param>
    protected abstract Answer Predict(Value.Torch hidden, Batch batch);

    /// <summary>The loss of an answer; cross-entropy unless the task says otherwise.</summary>
    /// <param name="answer">What <see cref="Predict"/> answered; something was asked.</param>
    /// <param name="smoothing">The share of the target that is spread over all classes; 0 in evaluation.</param>
    protected virtual Tensor Loss(Answer answer, double smoothing) => functional.cross_entropy(answer.Output, answer.Expected, label_smoothing: smoothing);

    /// <summary>Whether <see cref="Loss"/> is the mean over an answer's rows of what each of them loses, whatever texts are beside it, and an example has one text.</summary>
    /// <remarks>
    /// Then parts of a batch are trained on that never meet, on several threads at once: <see cref="Predict"/> and <see cref="Loss"/> are asked for some of its
    /// examples, change nothing, and draw nothing but by dropout of this library's layers. It takes less memory, and less time.
    /// </remarks>
    protected internal virtual bool LossIsOfEachText => false;

    /// <summary>What evaluation measures; accuracy unless the task says otherwise.</summary>
    protected virtual Metric CreateMetric() => new Accuracy();

    /// <summary>Writes what the task has besides its head, such as a tokenizer, into a folder that is saved.</summary>
    protected virtual void SaveBeside(ModelFolder folder)
    {
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

    /// <summary>Writes preprocessor, embedder, tower and head; of a <see cref="WholeModel"/> all towers that it is made of.</summary>
    public void Save(ModelFolder folder)
    {
        FolderUpdate.Write(folder.Path, beside =>
        {
            var written = folder.At(beside);
            if (tower is WholeModel whole)
            {
                if (!whole.Model.Frozen || !File.Exists(folder.EmbedderFile))
                {
                    written.SaveParts(whole.Model, preprocessor);
                }
            }
            else
            {
                written.Save(embedder, preprocessor);
                written.Save(Name, tower, embedder);
            }
            written.SaveHead(Name, Head, HeadDescription, tower is WholeModel { Model: { } all } ? HeadBase.Of(all) : HeadBase.Of(embedder, Name, tower));
            SaveBeside(written);
        });
    }

    /// <summary>Reads the weights of embedder, tower and head back from where <see cref="Save"/> wrote them; a tower that was fetched may have no head, which then begins anew.</summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged, or holds another model's weights.</exception>
    public void Load(ModelFolder folder)
    {
        if (tower is WholeModel whole)
        {
            folder.LoadParts(whole.Model);
        }
        else
        {
            Weights.Load(embedder, folder.EmbedderFile);
            Weights.Load(tower, folder.TowerFile(Name));
        }
        if (File.Exists(folder.HeadFile(Name)))
        {
            folder.LoadHead(Name, Head, HeadDescription);
        }
    }

    /// <summary>Frees the head; embedder and tower are the caller's.</summary>
    public void Dispose()
    {
        Head.Dispose();
        DisposeBeside();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the task has besides its head.</summary>
    private protected virtual void DisposeBeside()
    {
    }

    /// <summary>A text's ids, at its own length.</summary>
    protected long[] IdsOf(string text) => preprocessor.IdsOf(text);

    /// <summary>The head's weights.</summary>
    internal IEnumerable<TorchSharp.Modules.Parameter> HeadParameters => Head.parameters();

    /// <summary>What is learned, in words.</summary>
    internal string RunDescription => HeadDescription;

    /// <summary>What makes the run this one and no other, by name.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Identity =>
    [
        new("what is learned", HeadDescription), new("the longest text", $"{preprocessor.Options.MaxLength}"), new("the preprocessor", PreprocessorHash()),
        new("the embedder", embedder.Frozen ? $"kept as {embedder.WeightsHash()}" : $"trained, {(embedder is ConvEmbedder { Options: { } options } ? PartTypes.Write(options).GetRawText() : embedder.GetName())}"),
        new("the tower", tower.Frozen ? $"kept as {tower.WeightsHash()}" : $"{tower.GetName()} {PartTypes.Write(tower.Options).GetRawText()}"),
    ];

    /// <summary>The loss of a batch in training, 0 where nothing is asked, and how much was asked.</summary>
    /// <param name="hidden">What <see cref="Read(Batch)"/> gave of its texts.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="smoothing">The share of the target that is spread over all classes.</param>
    internal (Tensor Loss, long Asked) LossOf(Value.Torch hidden, Batch batch, double smoothing)
    {
        var answer = Predict(hidden, batch);
        return (answer.Count > 0 ? Loss(answer, smoothing) : answer.Output.sum(), answer.Count);
    }

    /// <summary>Loss and measures over batches, in evaluation mode.</summary>
    internal Evaluation Evaluate(IEnumerable<Batch> batches, CancellationToken cancellation)
    {
        CheckPreprocessor();
        SetTraining(false);
        using var frozen = no_grad();
        using var memory = NativeMemory.KeepFreedBlocks();
        var (loss, count, metric) = (0.0, 0L, CreateMetric());
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var answer = AnswerTo(batch);
            if (answer.Count > 0)
            {
                loss += Loss(answer, smoothing: 0).item<float>() * answer.Count;
                metric.Add(answer);
                count += answer.Count;
            }
        }
        return new(loss / count, count, metric.Measures);
    }

    /// <summary>The head's answer to a batch.</summary>
    internal Answer AnswerTo(Batch batch) => Predict(Read(batch), batch);

    /// <summary>What the tower says of a batch's texts, [N,T,C].</summary>
    internal Value.Torch Read(Batch batch) => Read(batch, 0, batch.Texts);

    /// <summary>What the tower says of some of a batch's texts, [count,T,C].</summary>
    internal Value.Torch Read(Batch batch, int first, int count) => (Value.Torch)tower.call(Embed(new Value.Torch(batch.IdsOn(Device).narrow(0, first, count))));

    internal void SetTraining(bool training)
    {
        foreach (var (_, module) in Modules)
        {
            module.train(training);
        }
    }

    internal IReadOnlyList<(string Name, Module Module)> Modules => [("embedder", embedder), ("tower", tower), ("head", Head)];

    /// <summary>Checks that the parts fit each other and can be exported: what could not be after training fails before it.</summary>
    internal void CheckParts()
    {
        CheckPreprocessor();
        ModelExporter.Check(preprocessor, embedder, tower);
    }

    void CheckPreprocessor()
    {
        if (preprocessor.Length("a") < (preprocessor.Options.AddCls ? 2 : 1))
        {
            throw new ArgumentException($"A longest text of {preprocessor.Options.MaxLength} leaves no room for a character. Raise MaxLength.");
        }
    }

    Value Embed(Value ids)
    {
        using var frozen = embedder.Frozen ? no_grad() : null;
        return embedder.call(ids);
    }

    Device Device => embedder.parameters().First().device;

    string PreprocessorHash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(preprocessor.ToJson())))[..16];

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
