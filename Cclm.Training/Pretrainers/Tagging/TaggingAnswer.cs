using Cclm.Inference;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>What a head says of the characters of tagged sentences.</summary>
/// <param name="Output">Logits [N,K] of the words' characters, in the order of sentences and text.</param>
/// <param name="Expected">Their classes [N].</param>
/// <param name="Sentences">The sentences that they are of.</param>
/// <param name="Tags">The classes.</param>
public sealed record TaggingAnswer(Tensor Output, Tensor Expected, IReadOnlyList<TaggedExample> Sentences, TagSet Tags) : Answer(Output, Expected)
{
    /// <summary>The class of each word of each sentence: the likeliest sequence by the words' scores. Words beyond the maximum length are O.</summary>
    public IReadOnlyList<int[]> Decode()
    {
        ReadOnlySpan<float> logits = Output.cpu().data<float>().ToArray();
        var decoded = new List<int[]>(Sentences.Count);
        foreach (var sentence in Sentences)
        {
            decoded.Add(new WordScores(logits, sentence.Lengths, between: 0, Tags).Decode());
            logits = logits[(sentence.Lengths.Sum() * Tags.Names.Count)..];
        }
        return decoded;
    }
}
