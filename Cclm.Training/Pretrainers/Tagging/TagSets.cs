using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>Sets of tags and the sentences that are learned from: they find and check each other.</summary>
public static class TagSets
{
    extension(TagSet)
    {
        /// <summary>The tags of a data set, which is read twice: each of its sentences is checked.</summary>
        /// <param name="sentences">The sentences.</param>
        /// <param name="scheme">The scheme that they are in.</param>
        /// <exception cref="ArgumentException">They can not be learned from: a tag is of no scheme, a span is not closed, there is nothing to tell apart.</exception>
        public static TagSet Of(IEnumerable<TaggedSentence> sentences, TagScheme scheme = TagScheme.Auto)
        {
            var found = TagCheck.Tags(sentences);
            var isBioes = found.Any(tag => tag.Prefix is "E" or "S");
            var set = new TagSet(found.Where(tag => tag != Tag.Outside).Select(tag => tag.Type), scheme != TagScheme.Auto ? scheme : isBioes ? TagScheme.Bioes : TagScheme.Bio);
            foreach (var sentence in sentences)
            {
                set.ClassesOf(sentence);
            }
            return set;
        }
    }

    extension(TagSet tags)
    {
        /// <summary>The class of each word of a sentence. Of IOB1 it is that of the same spans in BIO.</summary>
        /// <exception cref="ArgumentException">There is not one tag for each word, a tag is not of the set, or it may not stand where it does.</exception>
        public int[] ClassesOf(TaggedSentence sentence)
        {
            TagCheck.Words(sentence);
            var read = new int[sentence.Tags.Count];
            var before = TagSet.Outside;
            for (var i = 0; i < read.Length; i++)
            {
                if (tags.ClassOf(tags.Written(sentence.Tags[i], before)) is not { } tag)
                {
                    throw TagCheck.Error(sentence, i, $"is not among the {tags.Names.Count} tags of {tags.InWords}: {TagCheck.Some(tags.Names)}");
                }
                if (!tags.MayFollow(before, tag))
                {
                    throw TagCheck.Error(sentence, i, $"can not follow '{tags.Names[before]}' in {tags.InWords}; expected {tags.After(before)}. {tags.Hint(tag)}");
                }
                read[i] = before = tag;
            }
            return tags.MayFollow(before, TagSet.Outside) ? read
                : throw TagCheck.Error(sentence, read.Length - 1, $"is the last tag, and its span is not closed; in {tags.InWords} the last is 'O', 'E-' or 'S-'");
        }

        string InWords => tags.Scheme.ToString().ToUpperInvariant();

        /// <summary>A tag as the set has it: in IOB1, I- of another type than the word before begins a span.</summary>
        string Written(string text, int before) =>
            tags.Scheme == TagScheme.Iob1 && Tag.Parse(text) is { Prefix: "I" } tag && tag.Type != tags.Parsed(before).Type ? $"B-{tag.Type}" : text;

        /// <summary>What may follow a class, those of its type first.</summary>
        string After(int before) => TagCheck.Some(Enumerable.Range(0, tags.Names.Count).Where(tag => tags.MayFollow(before, tag))
            .OrderByDescending(tag => tags.Parsed(tag).Type == tags.Parsed(before).Type).Select(tag => tags.Names[tag]));

        string Hint(int tag) => tags.Scheme == TagScheme.Bio && tags.Parsed(tag).Prefix == "I" ? "Mend the tags; if I- begins spans all over the data, it is IOB1: say so (scheme)." : "Mend the tags.";

        Tag Parsed(int tag) => Tag.Parse(tags.Names[tag]);
    }
}
