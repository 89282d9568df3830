namespace Cclm.Inference;

/// <summary>A sentence of words as models read it: the words with one space between them.</summary>
static class WordLayout
{
    /// <summary>The characters between two words.</summary>
    public const int Between = 1;

    /// <summary>The text that is read.</summary>
    public static string Text(IEnumerable<string> words) => string.Join(' ', words);

    /// <summary>How many characters of each word are among the first of the text; 0 for words beyond them.</summary>
    /// <param name="words">The words, none of them empty.</param>
    /// <param name="characters">How many characters of the text are read.</param>
    public static int[] Lengths(IReadOnlyList<string> words, int characters)
    {
        var lengths = new int[words.Count];
        for (int word = 0, start = 0; word < lengths.Length && start < characters; word++)
        {
            lengths[word] = Math.Min(words[word].EnumerateRunes().Count(), characters - start);
            start += lengths[word] + Between;
        }
        return lengths;
    }
}
