using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>How well each tag fits each word of a sentence. Whoever decodes tags does it here: training, what it measures, and inference.</summary>
/// <remarks>A word's score is the mean of the log-probabilities of its characters, so that a long word has no more say than a short one.</remarks>
sealed class WordScores
{
    readonly double[] scores;       // [R,K] of the words that were read, which are the first R
    readonly int words;
    readonly TagSet tags;

    /// <param name="logits">What a head says of characters, [N,K]; those of the words come first.</param>
    /// <param name="lengths">How many characters of each word are among them; from the first word on that has none, no word has.</param>
    /// <param name="between">How many characters stand between two words.</param>
    /// <param name="tags">K tags.</param>
    public WordScores(ReadOnlySpan<float> logits, ReadOnlySpan<int> lengths, int between, TagSet tags)
    {
        (words, this.tags) = (lengths.Length, tags);
        var read = lengths.IndexOf(0) is var cut and >= 0 ? lengths[..cut] : lengths;
        var classes = tags.Names.Count;
        scores = new double[read.Length * classes];
        for (int word = 0, at = 0; word < read.Length; at += read[word++] + between)
        {
            for (var character = at; character < at + read[word]; character++)
            {
                AddLogProbabilities(logits.Slice(character * classes, classes), 1.0 / read[word], scores.AsSpan(word * classes, classes));
            }
        }
    }

    /// <summary>The class of each word: the likeliest sequence that the scheme allows. Words that were not read are O.</summary>
    public int[] Decode()
    {
        var decoded = new int[words];
        Viterbi.Decode(scores, tags).CopyTo(decoded, 0);
        return decoded;
    }

    /// <summary>How likely a tag is for a word that was read, among all tags; the others of the sentence and the scheme are not asked.</summary>
    public double Probability(int word, int tag)
    {
        var classes = tags.Names.Count;
        var own = scores.AsSpan(word * classes, classes);
        Span<double> probabilities = new double[classes];
        TensorPrimitives.Subtract(own, TensorPrimitives.Max<double>(own), probabilities);       // so that not all exponents underflow
        TensorPrimitives.SoftMax(probabilities, probabilities);
        return probabilities[tag];
    }

    static void AddLogProbabilities(ReadOnlySpan<float> logits, double share, Span<double> word)
    {
        var (highest, sum) = ((double)TensorPrimitives.Max(logits), 0.0);
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - highest);
        }
        var all = highest + Math.Log(sum);
        for (var tag = 0; tag < word.Length; tag++)
        {
            word[tag] += share * (logits[tag] - all);
        }
    }
}
