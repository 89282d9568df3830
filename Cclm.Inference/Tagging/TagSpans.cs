namespace Cclm.Inference;

/// <summary>The spans that the tags of a sentence stand for.</summary>
/// <remarks>Sequences that no scheme allows are read as conlleval reads them: a span begins at B, at I after O, and wherever the type changes.</remarks>
static class TagSpans
{
    /// <summary>The spans, in order.</summary>
    /// <param name="tags">A tag for each word.</param>
    /// <returns>The first word of each, the word after its last, and its type.</returns>
    public static List<(int First, int End, string Type)> Of(IReadOnlyList<string> tags)
    {
        List<(int, int, string)> spans = [];
        var (first, before) = (-1, Tag.Outside);                // -1: in no span
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = i < tags.Count ? Tag.Parse(tags[i]) : Tag.Outside;
            var begins = Begins(before, tag);
            if (first >= 0 && (begins || tag.Prefix == "O"))
            {
                spans.Add((first, i, before.Type));
                first = -1;
            }
            (first, before) = (begins ? i : first, tag);
        }
        return spans;
    }

    static bool Begins(Tag before, Tag tag) => tag.Prefix switch
    {
        "O" => false,
        "B" or "S" => true,
        _ => tag.Type != before.Type || before.Prefix is "O" or "E" or "S",
    };
}
