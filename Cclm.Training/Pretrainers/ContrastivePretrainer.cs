using Cclm.Export;
using Cclm.Inference;
using Cclm.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>How <see cref="ContrastivePretrainer"/> compares texts.</summary>
public sealed record ContrastiveOptions
{
    /// <summary>What a cosine is divided by: the smaller, the more the nearest wrong texts count. 0.05 as in SimCSE (Gao et al. 2021).</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>How what the tower says of the characters becomes one vector: as the composed model will do it.</summary>
    public Pooling Pooling { get; init; } = Pooling.MeanMax;

    /// <summary>Noise put on texts, so that their spelling does not decide; two views of one text need it.</summary>
    public Augmentor? Augmentor { get; init; }

    /// <exception cref="ArgumentException">The temperature is not above 0.</exception>
    public void Check()
    {
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
        {
            throw new ArgumentException($"A temperature of {Temperature} can not be divided by; expected more than 0, such as 0.05.", nameof(Temperature));
        }
    }
}

/// <summary>
/// Of all second texts in a batch, the one that belongs to the first is to be found by the cosine of their vectors (InfoNCE, van den
/// Oord et al. 2018, with in-batch negatives): the task for search.
/// </summary>
/// <remarks>
/// A row's two texts are two views of one text where they are the same, and else what belongs together, such as query and document;
/// <see cref="TextPair.Negative"/> is one more text that does not belong. The vectors are those of a composed model with the same
/// pooling, so what is trained is what is served, and the head has no weights.
/// </remarks>
public sealed class ContrastivePretrainer : Pretrainer<TextPair>
{
    readonly ContrastiveOptions options;
    readonly Identity head = Identity();

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="options">Temperature and noise.</param>
    /// <exception cref="ArgumentException">The temperature is not above 0.</exception>
    public ContrastivePretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, ContrastiveOptions? options = null)
        : base(name, preprocessor, embedder, tower)
    {
        this.options = options ?? new();
        this.options.Check();
    }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => "which texts belong together";

    /// <inheritdoc/>
    protected override string TextOf(TextPair row) => row.Text;

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new RetrievalScores();

    /// <inheritdoc/>
    protected override Example Encode(TextPair row, Random random, bool training)
    {
        // Two views of one text are two only by noise, so one of them has it in evaluation too.
        var views = row.First == row.Second;
        long[][] texts = [IdsOf(Noisy(row.First, random, training)), IdsOf(Noisy(row.Second, random, training || views))];
        return new(row.Negative is { } negative ? [.. texts, IdsOf(Noisy(negative, random, training))] : texts, []);
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        var (device, texts) = (hidden.Tensor.device, new TextPlaces(batch));
        var vectors = PooledVectors.Of(hidden, options.Pooling);                                // [N,D], each of length 1
        var candidates = vectors[tensor(texts.Candidates, device: device)];                     // [M,D]
        var cosines = vectors[tensor(texts.Firsts, device: device)].matmul(candidates.t());     // [B,M]
        return InBatchNegatives.Of(cosines, options.Temperature, texts.SameAsRight());           // a text twice in the batch is no wrong answer
    }

    /// <inheritdoc/>
    protected override Sample Show(TextPair row, Example example, Answer answer) => throw new NotSupportedException("Pairs are shown together.");

    /// <inheritdoc/>
    protected override IReadOnlyList<Sample> Show(IReadOnlyList<(TextPair Row, Example Example)> examples)
    {
        var batch = Batch.Of([.. examples.Select(example => example.Example)]);
        var texts = new TextPlaces(batch);
        return [.. examples.Zip(AnswerTo(batch).Classes, (example, found) => new Sample(example.Row.First, example.Row.Second, Preprocessor.Decode(texts[found])))];
    }

    /// <inheritdoc/>
    protected override void Check(IEnumerable<TextPair> dataset)
    {
        base.Check(dataset);
        if (!dataset.Select(row => row.Second).Distinct().Skip(1).Any())
        {
            throw new ArgumentException("All second texts are the same; expected at least two to tell apart.", nameof(dataset));
        }
        if (options.Augmentor is null && dataset.All(row => row.First == row.Second))
        {
            throw new ArgumentException("Every row is two views of one text, and no noise tells them apart. Give an augmentor, or pairs of texts.", nameof(dataset));
        }
    }

    string Noisy(string text, Random random, bool noisy) => noisy && options.Augmentor is { } augment ? augment(text, random) : text;
}

/// <summary>Where the texts of a contrastive batch are, of all N in it.</summary>
sealed class TextPlaces
{
    readonly long[][] texts;

    public TextPlaces(Batch batch)
    {
        texts = [.. batch.Examples.SelectMany(example => example.Texts)];
        var starts = new long[batch.Examples.Count];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + batch.Examples[i - 1].Texts.Count;
        }
        Firsts = starts;
        Candidates = [.. starts.Select(start => start + 1), .. starts.Where((_, i) => batch.Examples[i].Texts.Count > 2).Select(start => start + 2)];
    }

    /// <summary>The first texts [B].</summary>
    public long[] Firsts { get; }

    /// <summary>What they are compared with [M]: the second texts, in order, and then all negatives.</summary>
    public long[] Candidates { get; }

    /// <summary>A candidate's ids.</summary>
    public long[] this[long candidate] => texts[Candidates[candidate]];

    /// <summary>Whether a candidate reads as the right answer and is not it, [B,M] by rows.</summary>
    public bool[] SameAsRight() =>
        [.. Enumerable.Range(0, Firsts.Length).SelectMany(i => Enumerable.Range(0, Candidates.Length).Select(j => i != j && this[j].AsSpan().SequenceEqual(this[i])))];
}
