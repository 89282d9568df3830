namespace Cclm.Inference;

/// <summary>What a head that tags words says of a text's characters.</summary>
/// <param name="Tags">K tags.</param>
/// <param name="Values">[N,K]; of a text that is shorter than N, what stands after its characters is of no meaning.</param>
sealed record CharacterLogits(TagSet Tags, float[] Values)
{
    /// <summary>N.</summary>
    public int Count => Values.Length / Tags.Names.Count;

    /// <summary>The tags of the words that were read, and their spans.</summary>
    public TaggedWords Decode(IReadOnlyList<string> words)
    {
        var scores = new WordScores(Values, WordLayout.Lengths(words, Count), WordLayout.Between, Tags);
        var classes = scores.Decode();
        string[] tags = [.. classes.Select(tag => Tags.Names[tag])];
        return new(tags, [.. TagSpans.Of(tags).Select(span => new WordSpan(span.Type, span.First, span.End - span.First,
            (float)Enumerable.Range(span.First, span.End - span.First).Average(word => scores.Probability(word, classes[word]))))]);
    }

    /// <summary>Of the pieces of a long text one after the other: of what two have in common, the first half is the earlier one's.</summary>
    /// <exception cref="CclmModelException">A model with other tags was loaded between them.</exception>
    public static CharacterLogits Join(IReadOnlyList<(CharacterLogits Answer, TextPiece Piece)> pieces)
    {
        var tags = pieces[0].Answer.Tags;
        var (width, end) = (tags.Names.Count, 0);
        var whole = new float[pieces[^1].Piece.Characters.End.Value * width];
        foreach (var (answer, piece) in pieces)
        {
            if (!answer.Tags.Names.SequenceEqual(tags.Names))
            {
                throw new CclmModelException("A model with other tags was loaded while a text was read in pieces. Ask again.");
            }
            var start = piece.Characters.Start.Value;
            var first = start + Math.Max(0, (end - start) / 2);
            end = piece.Characters.End.Value;
            var read = Math.Min(end - start, answer.Count);     // a model that was loaded meanwhile may read less
            var skipped = Math.Min(first - start, read);
            answer.Values.AsSpan((skipped * width)..(read * width)).CopyTo(whole.AsSpan(first * width));
        }
        return new(tags, whole);
    }
}
