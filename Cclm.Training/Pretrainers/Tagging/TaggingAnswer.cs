using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>What a head says of the characters of tagged sentences.</summary>
/// <param name="Output">Logits [N,K] of the words' characters, in the order of sentences and text.</param>
/// <param name="Expected">Their classes [N].</param>
/// <param name="Sentences">The sentences that they are of.</param>
/// <param name="Tags">The classes.</param>
public sealed record TaggingAnswer(Tensor Output, Tensor Expected, IReadOnlyList<TaggedExample> Sentences, TagSet Tags) : Answer(Output, Expected)
{
    /// <summary>The class of each word of each sentence: the likeliest sequence by the words' scores. Words beyond the maximum length are O.</summary>
    /// <remarks>A word's score is the mean of the log-probabilities of its characters, so that a long word has no more say than a short one.</remarks>
    public IReadOnlyList<int[]> Decode()
    {
        ReadOnlySpan<float> scores = functional.log_softmax(Output, -1).cpu().data<float>().ToArray();
        var decoded = new List<int[]>(Sentences.Count);
        foreach (var sentence in Sentences)
        {
            var read = sentence.Lengths.AsSpan().IndexOf(0) is var cut and >= 0 ? sentence.Lengths.AsSpan(0, cut) : sentence.Lengths;
            var answered = new int[sentence.Lengths.Length];
            Viterbi.Decode(OfWords(scores, read, Tags.Names.Count), Tags).CopyTo(answered, 0);
            decoded.Add(answered);
            scores = scores[(sentence.Lengths.Sum() * Tags.Names.Count)..];
        }
        return decoded;
    }

    /// <summary>Scores of words [W,K] from those of their characters, which come first among <paramref name="characters"/>.</summary>
    static double[] OfWords(ReadOnlySpan<float> characters, ReadOnlySpan<int> lengths, int classes)
    {
        var scores = new double[lengths.Length * classes];
        var at = 0;
        for (var word = 0; word < lengths.Length; word++)
        {
            for (var i = 0; i < lengths[word] * classes; i++, at++)
            {
                scores[(word * classes) + (i % classes)] += characters[at] / lengths[word];
            }
        }
        return scores;
    }
}
