using Cclm.Inference;

namespace Cclm.Training;

/// <summary>
/// Precision, recall and F1 of spans, as conlleval counts (the script of CoNLL 2000, Tjong Kim Sang and Buchholz): a span is right if
/// its first word, its last word and its type are. All types are counted together (micro).
/// </summary>
/// <remarks>
/// Sequences that no scheme allows count as conlleval counts them (<see cref="TagSpans"/>).
/// Of BIOES, conlleval knows neither S nor B after E, and takes spans of one type side by side for one; here BIOES counts as the same
/// spans in BIO, which is what conlleval is given everywhere.
/// </remarks>
public sealed class SpanScores : Metric
{
    long words, rightWords;

    /// <summary>Spans that there are.</summary>
    public long Expected { get; private set; }

    /// <summary>Spans that were answered.</summary>
    public long Found { get; private set; }

    /// <summary>Spans that are both.</summary>
    public long Correct { get; private set; }

    /// <summary>F1, precision and recall, 0 where there are no spans; and the share of the words whose tag is right.</summary>
    public override IReadOnlyList<Measure> Measures
    {
        get
        {
            var (precision, recall) = (Share(Correct, Found), Share(Correct, Expected));
            return [new("F1", Share(2 * precision * recall, precision + recall)), new("precision", precision), new("recall", recall), new("accuracy", Share(rightWords, words))];
        }
    }

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        var tagging = answer as TaggingAnswer ?? throw new ArgumentException($"Spans are counted in a {nameof(TaggingAnswer)}; found {answer.GetType().Name}.", nameof(answer));
        foreach (var (sentence, decoded) in tagging.Sentences.Zip(tagging.Decode()))
        {
            Add(Names(sentence.Classes), Names(decoded));
        }

        string[] Names(int[] classes) => [.. classes.Select(tag => tagging.Tags.Names[tag])];
    }

    /// <summary>Adds a sentence.</summary>
    /// <param name="expected">The tag of each word.</param>
    /// <param name="answered">As many tags that were answered.</param>
    /// <exception cref="ArgumentException">They are not as many.</exception>
    public void Add(IReadOnlyList<string> expected, IReadOnlyList<string> answered)
    {
        if (expected.Count != answered.Count)
        {
            throw new ArgumentException($"{answered.Count} tags were answered for {expected.Count} words; expected one a word.", nameof(answered));
        }
        var (right, found) = (TagSpans.Of(expected), TagSpans.Of(answered));
        (Expected, Found, Correct) = (Expected + right.Count, Found + found.Count, Correct + found.Intersect(right).Count());
        (words, rightWords) = (words + expected.Count, rightWords + expected.Zip(answered).Count(tag => tag.First == tag.Second));
    }

    static double Share(double part, double whole) => whole > 0 ? part / whole : 0;
}
