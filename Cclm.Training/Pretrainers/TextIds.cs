using Cclm.Inference;

namespace Cclm.Training;

/// <summary>One text in ids, as examples are made of.</summary>
static class TextIds
{
    /// <summary>A text's ids, at its own length.</summary>
    public static long[] IdsOf(this Preprocessor preprocessor, string text)
    {
        var ids = new long[preprocessor.Length(text)];
        preprocessor.Encode(text, ids);
        return ids;
    }

    /// <summary>How many of a text's ids are characters: CLS and padding come after them.</summary>
    public static int Characters(ReadOnlySpan<long> ids) => ids.IndexOfAny(Vocabulary.Cls, Vocabulary.Padding) is var end and >= 0 ? end : ids.Length;
}
