using Cclm.Inference;
using Cclm.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// A masked word piece is to be told from the text around it (after Devlin et al. 2019): its characters are masked, and what is said of
/// them, or of the whole text, is compared with the pieces of a tokenizer that was fitted on the corpus.
/// </summary>
public sealed class MaskedLanguagePretrainer : Pretrainer<string>
{
    const int Asked = 0, Start = 1, End = 2;        // the columns of the targets

    readonly SubwordTokenizer tokenizer;
    readonly MaskedLanguageOptions options;
    readonly SubwordHead head;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="tokenizer">What the word pieces are.</param>
    /// <param name="options">Which pieces are asked for, and how they are told.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public MaskedLanguagePretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, SubwordTokenizer tokenizer, MaskedLanguageOptions? options = null)
        : base(name, preprocessor, embedder, tower)
    {
        (this.tokenizer, this.options) = (tokenizer, options ?? new());
        this.options.Check();
        head = new(tower.Width, this.options.Width, tokenizer.Vocabulary.Count);
    }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"{tokenizer.Vocabulary.Count} word pieces of the tokenizer {tokenizer.Hash[..16]}, {options.Pooling.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    protected override string TextOf(string row) => row;

    /// <inheritdoc/>
    protected override Example Encode(string row, Random random, bool training)
    {
        var text = training && options.Augmentor is { } augment ? augment(row, random) : row;
        var ids = IdsOf(text);
        var pieces = tokenizer.Encode(text).Where(piece => IsAsked(piece, ids)).ToList();
        if (pieces.Count == 0)
        {
            return new(ids, [Batch.NoTarget, 0, 0]);
        }
        var piece = pieces[random.Next(pieces.Count)];
        var (start, end) = (piece.Characters.Start.Value, piece.Characters.End.Value);
        ids.AsSpan(start, end - start).Fill(Vocabulary.Mask);
        return new(ids, [piece.Id, start, end]);
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        var targets = batch.TargetsOn(hidden.Tensor.device);                                            // [B,3]
        var rows = targets.select(1, Asked).ne(Scalars.Kept(Batch.NoTarget));                           // [B]
        var pooled = options.Pooling == SpanPooling.Local ? OverSpan(hidden.Tensor, targets) : PooledVectors.Mean(hidden);
        var (vectors, expected) = (head.call(pooled[rows]), targets.select(1, Asked)[rows]);            // [N,D], [N]
        return !head.training || options.Loss == TokenLoss.Full ? new(head.AllLogits(vectors), expected)
            : options.Loss == TokenLoss.SampledSoftmax ? SampledSoftmax(vectors, expected) : NegativeSampling(vectors, expected);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Answer answer, double smoothing) => answer is NegativeSamplingAnswer
        ? functional.binary_cross_entropy_with_logits(answer.Output, functional.one_hot(answer.Expected, answer.Output.shape[1]).to(ScalarType.Float32), reduction: Reduction.Sum).div(Scalars.Kept(answer.Count))
        : base.Loss(answer, smoothing);

    /// <inheritdoc/>
    protected override Sample Show(string row, Example example, Answer answer) => example.Targets[Asked] == Batch.NoTarget
        ? new(row, "(nothing is asked)", "")
        : new(Preprocessor.Decode(example.Ids), tokenizer.Vocabulary[(int)example.Targets[Asked]], tokenizer.Vocabulary[(int)answer.Classes[0]]);

    /// <inheritdoc/>
    protected override void Check(IEnumerable<string> dataset)
    {
        base.Check(dataset);
        if (!dataset.Any(text => IdsOf(text) is var ids && tokenizer.Encode(text).Any(piece => IsAsked(piece, ids))))
        {
            throw new ArgumentException($"No text has a known word piece of {options.MinCharacters} characters to mask. Lower MinCharacters, or fit the tokenizer on texts like these.", nameof(dataset));
        }
    }

    /// <inheritdoc/>
    protected override void SaveBeside(ModelFolder folder) => tokenizer.Save(folder.TokenizerFile(Name));

    bool IsAsked(Subword piece, long[] ids) => piece.Id > SubwordTokenizer.Cls && piece.Characters.End.Value - piece.Characters.Start.Value >= options.MinCharacters
        && piece.Characters.End.Value <= TextIds.Characters(ids);

    /// <summary>The mean over each text's masked characters: [B,T,C], [B,3] -> [B,C].</summary>
    static Tensor OverSpan(Tensor hidden, Tensor targets)
    {
        var positions = arange(Scalars.Kept(0), Scalars.Kept(hidden.shape[1]), Scalars.One, device: hidden.device).unsqueeze(0);       // [1,T]
        var inside = positions.ge(targets.narrow(1, Start, 1)).logical_and(positions.lt(targets.narrow(1, End, 1))).to(ScalarType.Float32);     // [B,T]
        return inside.unsqueeze(1).matmul(hidden).squeeze(1).div(inside.sum(1, keepdim: true).clamp_min(Scalars.One));
    }

    /// <summary>The right piece among some drawn for the whole batch, each logit less the log of how often it is drawn (Jean et al. 2015, section 3.1).</summary>
    Answer SampledSoftmax(Tensor vectors, Tensor expected)
    {
        var distribution = head.LogUniform;
        var drawn = distribution.multinomial(options.Candidates, replacement: true);                                                    // [S]
        var right = head.Logits(vectors, expected).sub(distribution[expected].mul(Scalars.Kept(options.Candidates)).log()).unsqueeze(1); // [N,1]
        var others = head.LogitsOf(vectors, drawn).sub(distribution[drawn].mul(Scalars.Kept(options.Candidates)).log());                 // [N,S]
        var hit = drawn.unsqueeze(0).eq(expected.unsqueeze(1));
        return new(cat([right, others.masked_fill(hit, Scalars.Kept(-1e9))], 1), zeros_like(expected));
    }

    /// <summary>The right piece against a few drawn for each (Mikolov et al. 2013, section 2.2).</summary>
    NegativeSamplingAnswer NegativeSampling(Tensor vectors, Tensor expected)
    {
        var drawn = head.LogUniform.multinomial(expected.shape[0] * options.Negatives, replacement: true).view(-1, options.Negatives);  // [N,S]
        var hit = drawn.eq(expected.unsqueeze(1));
        var others = head.Logits(vectors.unsqueeze(1), drawn).masked_fill(hit, Scalars.Kept(-1e9));
        return new(cat([head.Logits(vectors, expected).unsqueeze(1), others], 1), zeros_like(expected));
    }
}

/// <summary>Logits of the right piece, the first, and of some that are wrong, each told on its own.</summary>
sealed record NegativeSamplingAnswer(Tensor Output, Tensor Expected) : Answer(Output, Expected);
