using Cclm.Inference;

namespace Cclm.Training;

/// <summary>A sentence in characters, and which word each of them is of.</summary>
/// <remarks>The targets alone do not say where a word ends, nor what the tags of words beyond the maximum length are; a metric of words needs both.</remarks>
/// <param name="Ids">The ids of the words with one space between them, cut to the maximum length.</param>
/// <param name="Targets">Each word's class at its characters; <see cref="Batch.NoTarget"/> between words and at CLS.</param>
/// <param name="Classes">The class of each word.</param>
/// <param name="Lengths">How many characters of each word are among the ids; 0 for words beyond the maximum length.</param>
public sealed record TaggedExample(long[] Ids, long[] Targets, int[] Classes, int[] Lengths) : Example(Ids, Targets)
{
    /// <summary>Carries words' classes to their characters.</summary>
    /// <param name="words">The words, none of them empty.</param>
    /// <param name="classes">As many classes.</param>
    /// <param name="preprocessor">Turns text to ids.</param>
    public static TaggedExample Of(IReadOnlyList<string> words, int[] classes, Preprocessor preprocessor)
    {
        var ids = preprocessor.IdsOf(WordLayout.Text(words));
        var lengths = WordLayout.Lengths(words, TextIds.Characters(ids));
        var targets = new long[ids.Length];
        Array.Fill(targets, Batch.NoTarget);
        for (int word = 0, start = 0; word < lengths.Length && lengths[word] > 0; start += lengths[word++] + WordLayout.Between)
        {
            targets.AsSpan(start, lengths[word]).Fill(classes[word]);
        }
        return new(ids, targets, classes, lengths);
    }
}
