using System.Text.RegularExpressions;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a tagged sentence has to be to be learned from, whatever its scheme.</summary>
static partial class TagCheck
{
    const int ShownTags = 6, ShownCharacters = 60;

    /// <summary>The different tags of sentences; they are tags, and more than one.</summary>
    public static IReadOnlyCollection<Tag> Tags(IEnumerable<TaggedSentence> sentences)
    {
        var found = new Dictionary<string, Tag>();
        foreach (var sentence in sentences)
        {
            Words(sentence);
            for (var i = 0; i < sentence.Tags.Count; i++)
            {
                if (!found.ContainsKey(sentence.Tags[i]))
                {
                    found.Add(sentence.Tags[i], Parse(sentence, i));
                }
            }
        }
        return found.Count switch
        {
            0 => throw new ArgumentException("The data set is empty; expected at least one sentence.", nameof(sentences)),
            1 => throw new ArgumentException($"Every word is tagged '{found.Keys.Single()}': there is nothing to tell apart. See that the tag column is the right one.", nameof(sentences)),
            _ => found.Values,
        };
    }

    /// <summary>Checks that a sentence has words, and as many tags.</summary>
    public static void Words(TaggedSentence sentence)
    {
        if (sentence.Words.Count == 0 || sentence.Words.Count != sentence.Tags.Count)
        {
            throw new ArgumentException($"A sentence has {sentence.Words.Count} words and {sentence.Tags.Count} tags; expected one word or more, and one tag a word. It is '{Start(sentence)}'.", nameof(sentence));
        }
        if (sentence.Words.Contains(""))
        {
            throw Error(sentence, sentence.Words.Index().First(word => word.Item.Length == 0).Index, "is the tag of an empty word; expected one character or more");
        }
    }

    /// <summary>What is wrong with the tag of a word.</summary>
    public static ArgumentException Error(TaggedSentence sentence, int word, string problem) =>
        new($"Tag '{sentence.Tags[word]}' of word {word + 1}, '{sentence.Words[word]}', in '{Start(sentence)}' {problem.TrimEnd('.')}.", nameof(sentence));

    /// <summary>The first of some tags, in words.</summary>
    public static string Some(IEnumerable<string> tags) =>
        $"{string.Join(", ", tags.Take(ShownTags).Select(tag => $"'{tag}'"))}{(tags.Skip(ShownTags).Any() ? ", .." : "")}";

    static Tag Parse(TaggedSentence sentence, int word)
    {
        var text = sentence.Tags[word];
        var tag = Tag.Parse(text);
        if (TwoTags().IsMatch(tag.Type))
        {
            throw Error(sentence, word, "is more than one: spans that overlap can not be told by one tag a word. Keep one of them");
        }
        return tag == Tag.Outside || (tag.Prefix is "B" or "I" or "E" or "S" && tag.Type.Length > 0) ? tag
            : throw Error(sentence, word, $"is none that is known; expected 'O', or B-, I-, E- or S- and a type, such as 'B-PER'. {Hint(text, tag)}");
    }

    static string Hint(string text, Tag tag) => text.Length == 0 ? "Give every word a tag." : text.All(char.IsAsciiDigit) ? "Put the names in the place of the numbers."
        : tag.Prefix is "L" or "U" ? "Write E- for L-, and S- for U-." : "See that the tag column is the right one.";

    static string Start(TaggedSentence sentence) => sentence.Text is var text && text.Length > ShownCharacters ? $"{text[..ShownCharacters]}.." : text;

    [GeneratedRegex("[|,;/+] ?([BIES]-|O$)")]
    private static partial Regex TwoTags();
}
