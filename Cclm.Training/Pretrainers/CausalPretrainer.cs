using Cclm.Inference;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// The next characters are to be told from those before them (a character language model, as in Graves 2013). A causal embedder and tower
/// are asked at every position at once; any other is shown the beginning of a text alone, and asked at its end.
/// </summary>
public sealed class CausalPretrainer : Pretrainer<string>
{
    readonly Linear head;
    readonly int ahead;
    readonly bool everywhere;

    /// <param name="name">The tower's name.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    /// <param name="embedder">The shared base.</param>
    /// <param name="tower">What is trained.</param>
    /// <param name="ahead">n, how many of the next characters are asked for.</param>
    /// <exception cref="ArgumentException">No character is asked for, or only one of embedder and tower is causal.</exception>
    public CausalPretrainer(string name, Preprocessor preprocessor, Embedder embedder, Tower tower, int ahead = 1)
        : base(name, preprocessor, embedder, tower)
    {
        if (ahead < 1 || ahead >= preprocessor.Options.MaxLength)
        {
            throw new ArgumentException($"{ahead} next characters can not be asked for; expected 1 or more, and less than the longest text, {preprocessor.Options.MaxLength}.", nameof(ahead));
        }
        if (embedder.Causal != tower.Causal)
        {
            throw new ArgumentException(
                $"The embedder is {(embedder.Causal ? "" : "not ")}causal and the tower is {(tower.Causal ? "" : "not ")}: positions would see what they are to tell. Make both causal, or neither.", nameof(tower));
        }
        (this.ahead, everywhere) = (ahead, tower.Causal);
        head = Linear(tower.Width, ahead * preprocessor.Vocabulary.Count);
    }

    /// <inheritdoc/>
    protected override Module Head => head;

    /// <inheritdoc/>
    protected override string HeadDescription => $"the next {ahead} of {Preprocessor.Vocabulary.Count} characters";

    /// <inheritdoc/>
    protected override string TextOf(string row) => row;

    /// <inheritdoc/>
    protected override Metric CreateMetric() => new BitsPerCharacter();

    /// <inheritdoc/>
    protected override Example Encode(string row, Random random, bool training)
    {
        var ids = IdsOf(row);
        var characters = TextIds.Characters(ids);
        if (everywhere)
        {
            return new(ids, [.. Enumerable.Range(0, ids.Length).SelectMany(position => NextOf(ids, position + 1, characters))]);
        }
        var cut = characters < 2 ? characters : 1 + random.Next(characters - 1);
        return new(IdsOf(string.Concat(row.EnumerateRunes().Take(cut))), [.. NextOf(ids, cut, characters)]);
    }

    /// <inheritdoc/>
    protected override Answer Predict(Value.Torch hidden, Batch batch)
    {
        // Targets are [B,T'*n], the n of one position side by side.
        var targets = batch.TargetsOn(hidden.Tensor.device).view(batch.Examples.Count, -1, ahead);              // [B,T',n]
        var asked = targets.ne(Scalars.Kept(Batch.NoTarget));
        var places = asked.any(-1);                                                                             // [B,T']
        var said = everywhere ? hidden.Tensor : PooledVectors.AtTheEnd(hidden).unsqueeze(1);                 // [B,T',C]
        var logits = head.call(said[places]).view(-1, ahead, Preprocessor.Vocabulary.Count);                    // [P,n,V]
        var first = zeros_like(targets).to(ScalarType.Bool);
        first.narrow(2, 0, 1).fill_(Scalars.One);
        return new CausalAnswer(logits[asked[places]], targets[asked], first[asked]);                           // [N,V], [N], [N]
    }

    /// <inheritdoc/>
    protected internal override bool LossIsOfEachText => true;

    /// <inheritdoc/>
    protected override Sample Show(string row, Example example, Answer answer)
    {
        var asked = example.Targets.Where(target => target != Batch.NoTarget);
        // At every position, what it says of the next character alone is a text; at the end, all n are.
        var shown = everywhere ? ((CausalAnswer)answer).First.cpu().data<bool>().ToArray() : [.. asked.Select(_ => true)];
        return new(Preprocessor.Decode(example.Ids), Decode(asked), Decode(answer.Classes));

        string Decode(IEnumerable<long> ids) => Preprocessor.Decode([.. ids.Where((_, i) => shown[i])]);
    }

    /// <inheritdoc/>
    protected override void Check(IEnumerable<string> dataset)
    {
        base.Check(dataset);
        if (!dataset.Any(text => text.EnumerateRunes().Skip(1).Any()))
        {
            throw new ArgumentException("No text has two characters; expected one to read and one to tell.", nameof(dataset));
        }
    }

    /// <summary>The n ids from a position on, of those that are characters.</summary>
    IEnumerable<long> NextOf(long[] ids, int position, int characters) =>
        Enumerable.Range(position, ahead).Select(next => next < characters ? ids[next] : Batch.NoTarget);
}

/// <summary>What is said of next characters.</summary>
/// <param name="Output">Logits [N,V].</param>
/// <param name="Expected">The characters [N].</param>
/// <param name="First">Which of them are the very next, [N] bool.</param>
sealed record CausalAnswer(Tensor Output, Tensor Expected, Tensor First) : Answer(Output, Expected);
