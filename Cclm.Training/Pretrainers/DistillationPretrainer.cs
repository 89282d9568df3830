using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>How a student's vectors are compared with the teacher's.</summary>
public enum DistillationLoss
{
    /// <summary>1 less the cosine: the direction is learned.</summary>
    Cosine,

    /// <summary>The mean squared difference of the numbers: direction and length are learned.</summary>
    Mse,

    /// <summary>1 less Pearson's correlation of the cosines that student and teacher find between all texts of the batch: what is learned is which texts are more alike than others, at any width.</summary>
    Similarity,
}

/// <summary>
/// A teacher's vector of each text is to be told (Hinton et al. 2015, on vectors as in Reimers and Gurevych 2020), or which texts the
/// teacher finds alike (Tung and Mori 2019; Park et al. 2019).
/// </summary>
/// <remarks>
/// Similarities are compared by their correlation, as in Huang et al. (2022): mean and maximum of the same channels make all cosines of served
/// vectors high, which ranks no text otherwise, and their numbers can not be those of any teacher.
/// The student's vectors are those of a composed model with pooling <c>MeanMax</c>, so what is trained is what is served. For the teacher's
/// numbers they are standardised and brought to its width by a linear head, which stays behind; what is alike is compared without one.
/// </remarks>
public sealed class DistillationPretrainer : Pretrainer<string>
{
    readonly Teacher teacher;
    readonly DistillationLoss loss;
    readonly Augmentor? augmentor;
    readonly ExcerptOptions excerpts;
    readonly Module<Tensor, Tensor> head;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="teacher">Gives each text's vector; it is the caller's, and is asked while the pretrainer is used.</param>
    /// <param name="loss">How the vectors are compared.</param>
    /// <param name="augmentor">Noise put on what the student reads; the teacher reads the text as it is.</param>
    /// <param name="excerpts">What is read of the texts that are learned from; null for all.</param>
    /// <exception cref="ArgumentException">There are no such excerpts, or the teacher is none of the corpus' words.</exception>
    public DistillationPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, Teacher teacher,
        DistillationLoss loss = DistillationLoss.Cosine, Augmentor? augmentor = null, ExcerptOptions? excerpts = null) : base(name, preprocessor, embedder, tower)
    {
        (this.teacher, this.loss, this.augmentor, this.excerpts) = (teacher, loss, augmentor, excerpts ?? new());
        this.excerpts.Check(teacher is WordVectorTeacher);
        head = loss == DistillationLoss.Similarity ? Identity() : new Standardized(2 * tower.Width, teacher.Width);
    }

    /// <summary>Whether the teacher is freed with the pretrainer.</summary>
    internal bool OwnsTeacher { get; init; }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"the vectors [{teacher.Width}] of {teacher.Description}, by {loss.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    protected override string TextOf(string row) => row;

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new TeacherScores(comparesVectors: loss != DistillationLoss.Similarity);

    /// <inheritdoc/>
    protected override Example Encode(string row, Random random, bool training)
    {
        var text = training ? excerpts.Of(row, teacher, random) : row;
        return new(IdsOf(training && augmentor is not null ? augmentor(text, random) : text), []) { Values = teacher.VectorOf(text) };
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch) => new(head.call(PooledVectors.Of(hidden)), batch.ValuesOn(hidden.Tensor.device));     // [B,D'], [B,D]

    /// <inheritdoc/>
    protected override Tensor Loss(Answer answer, double smoothing) => loss switch
    {
        DistillationLoss.Cosine => functional.cosine_similarity(answer.Output, answer.Expected, dim: 1).neg().mean().add(Scalars.One, Scalars.One),
        DistillationLoss.Mse => functional.mse_loss(answer.Output, answer.Expected),
        _ => functional.cosine_similarity(Similarities(answer.Output), Similarities(answer.Expected), dim: 0).neg().add(Scalars.One, Scalars.One),
    };

    /// <inheritdoc/>
    protected override Sample Show(string row, Example example, Answer answer) => throw new NotSupportedException("Texts are shown together.");

    /// <summary>Of the texts that are shown, the one nearest to each, as the teacher finds and as the student does.</summary>
    protected override IReadOnlyList<Sample> Show(IReadOnlyList<(string Row, Example Example)> examples)
    {
        var answer = AnswerTo(Batch.Of([.. examples.Select(example => example.Example)]));
        var (found, expected) = (Nearest(answer.Output), Nearest(answer.Expected));
        return [.. examples.Select((example, i) => new Sample(example.Row, examples[(int)expected[i]].Row, examples[(int)found[i]].Row))];
    }

    /// <inheritdoc/>
    protected override void Check(IEnumerable<string> dataset)
    {
        base.Check(dataset);
        teacher.Check(dataset);
    }

    private protected override void DisposeBeside()
    {
        if (OwnsTeacher)
        {
            teacher.Dispose();
        }
    }

    /// <summary>The cosines of all pairs of different vectors, less their mean: [B,D] -> [B*B], 0 at those of a vector with itself.</summary>
    static Tensor Similarities(Tensor vectors)
    {
        var others = eye(vectors.shape[0], device: vectors.device).neg().add(Scalars.One, Scalars.One);
        var cosines = PooledVectors.Cosines(vectors).mul(others);
        return cosines.sub(cosines.sum().div(others.sum().clamp_min(Scalars.One))).mul(others).view(-1);
    }

    /// <summary>The other vector of the highest cosine with each: [N,D] -> [N].</summary>
    static long[] Nearest(Tensor vectors) =>
        PooledVectors.Cosines(vectors).sub(eye(vectors.shape[0], device: vectors.device).mul(Scalars.Kept(2))).argmax(-1).cpu().data<long>().ToArray();
}
