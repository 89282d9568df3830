using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>How <see cref="AutoencodePretrainer"/> asks.</summary>
public sealed record AutoencodeOptions
{
    /// <summary>The most characters of a text that are asked for, its first ones; no more than the preprocessor's longest text has.</summary>
    public int Length { get; init; } = 32;

    /// <summary>Channels of the decoder at each character.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Noise put on what is read; the original characters are still what is asked for.</summary>
    public Augmentor? Augmentor { get; init; }

    /// <exception cref="ArgumentException">A number is below 1.</exception>
    public void Check()
    {
        if (Length < 1 || Width < 1)
        {
            throw new ArgumentException($"A decoder of {Length} characters and {Width} channels can not be made; expected 1 or more of both.", nameof(Length));
        }
    }
}

/// <summary>
/// A text's characters are to be given back from what the tower says at its [CLS] alone, so that this one vector comes to hold the text:
/// an autoencoder (Hinton and Salakhutdinov 2006) whose decoder answers all positions at once.
/// </summary>
/// <remarks>
/// With a teacher, the decoder is the teacher's and is kept as it is: a new embedder and tower, of any size, learn to say at [CLS] what it
/// understands. The characters that it answers are the teacher's, so the student may have a vocabulary of its own.
/// </remarks>
public sealed class AutoencodePretrainer : Pretrainer<string>
{
    readonly Module<Tensor, Tensor> head;
    readonly Preprocessor answers;
    readonly int length;
    readonly Augmentor? augmentor;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids; it adds CLS.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="options">What is asked for, and the decoder's size.</param>
    /// <exception cref="ArgumentException">The preprocessor adds no CLS, or the options are out of range.</exception>
    public AutoencodePretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, AutoencodeOptions? options = null)
        : base(name, preprocessor, embedder, tower)
    {
        options ??= new();
        options.Check();
        (answers, augmentor, length) = (preprocessor, options.Augmentor, Math.Min(options.Length, Characters(preprocessor)));
        head = new CharacterDecoder(tower.Width, length, options.Width, preprocessor.Vocabulary.Count);
        HeadDescription = $"the first {length} of {preprocessor.Vocabulary.Count} characters from [CLS]";
    }

    /// <summary>Trains a student under a teacher's decoder, which is not changed.</summary>
    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids; it adds CLS.</param>
    /// <param name="embedder">The student's base.</param>
    /// <param name="tower">What is trained, with a projection to the width of the teacher's tower.</param>
    /// <param name="teacher">Whose decoder is used; it belongs to the pretrainer from then on.</param>
    /// <param name="augmentor">Noise put on what is read.</param>
    /// <exception cref="ArgumentException">The preprocessor adds no CLS.</exception>
    public AutoencodePretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, AutoencodeTeacher teacher, Augmentor? augmentor = null)
        : base(name, preprocessor, embedder, tower)
    {
        (answers, this.augmentor, length) = (teacher.Preprocessor, augmentor, Math.Min(teacher.Decoder.Length, Characters(preprocessor)));
        head = new StudentHead(tower.Width, teacher.Decoder);
        HeadDescription = $"the first {length} of {answers.Vocabulary.Count} characters from [CLS], by the decoder {teacher.Hash[..16]}";
    }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription { get; }

    /// <inheritdoc/>
    protected override string TextOf(string row) => row;

    /// <inheritdoc/>
    protected override Example Encode(string row, Random random, bool training)
    {
        var asked = answers.IdsOf(row);
        var count = Math.Min(TextIds.Characters(asked), length);
        return new(IdsOf(training && augmentor is not null ? augmentor(row, random) : row), count > 0 ? asked[..count] : [Batch.NoTarget]);
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        var targets = batch.TargetsOn(hidden.Tensor.device);                                                        // [B,L']
        var asked = targets.ne(Scalars.Kept(Batch.NoTarget));
        var logits = head.call(PooledVectors.AtTheEnd(hidden)).narrow(1, 0, targets.shape[1]);                       // [B,L',V]
        return new(logits[asked], targets[asked]);                                                                  // [N,V], [N]
    }

    /// <inheritdoc/>
    protected internal override bool LossIsOfEachText => true;

    /// <inheritdoc/>
    protected override Sample Show(string row, Example example, Answer answer) => answer.Count == 0 ? new(row, "(nothing is asked)", "")
        : new(Preprocessor.Decode(example.Ids), answers.Decode(example.Targets), answers.Decode(answer.Classes));

    /// <inheritdoc/>
    protected override void Check(IEnumerable<string> dataset)
    {
        base.Check(dataset);
        if (dataset.All(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("All texts are empty; expected text to give back.", nameof(dataset));
        }
    }

    /// <summary>The most characters of a text that are read.</summary>
    static int Characters(Preprocessor preprocessor) => preprocessor.Options.AddCls
        ? Math.Max(1, preprocessor.Options.MaxLength - (preprocessor.Options.MaxLength % preprocessor.Options.DownsampleFactor) - 1)
        : throw new ArgumentException("The preprocessor adds no CLS, and a text is to be given back from what is said there. Begin a model whose preprocessor has addCls.", nameof(preprocessor));
}
