using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>The tags that words can have, as classes from 0, and which may follow which.</summary>
/// <remarks>A sentence reads as if O stood before and behind it, so what may begin and end one is what may follow and precede O.</remarks>
public sealed class TagSet
{
    /// <summary>The class of O, a word in no span.</summary>
    public const int Outside = 0;

    readonly Tag[] tags;
    readonly bool[][] follows;                                  // [before][tag]
    readonly Dictionary<string, int> classes;

    /// <param name="types">The types of spans, such as PER.</param>
    /// <param name="scheme">The scheme; <see cref="TagScheme.Auto"/> needs sentences (<see cref="Of"/>).</param>
    /// <exception cref="ArgumentException">There is no type, or no scheme.</exception>
    public TagSet(IEnumerable<string> types, TagScheme scheme)
    {
        string[] prefixes = scheme switch
        {
            TagScheme.Bio or TagScheme.Iob1 => ["B", "I"],
            TagScheme.Bioes => ["B", "I", "E", "S"],
            _ => throw new ArgumentException($"'{scheme}' is no scheme that tags can be made of; expected {nameof(TagScheme.Bio)}, {nameof(TagScheme.Bioes)} or {nameof(TagScheme.Iob1)}.", nameof(scheme)),
        };
        (Scheme, Types) = (scheme, [.. types.Distinct().Order(StringComparer.Ordinal)]);
        if (Types.Count == 0)
        {
            throw new ArgumentException("There is no type of span; expected one or more, such as 'PER'.", nameof(types));
        }
        tags = [Tag.Outside, .. Types.SelectMany(type => prefixes.Select(prefix => new Tag(prefix, type)))];
        follows = [.. tags.Select(before => tags.Select(tag => MayFollow(before, tag)).ToArray())];
        Names = [.. tags.Select(tag => tag.ToString())];
        classes = Names.Index().ToDictionary(name => name.Item, name => name.Index);
    }

    /// <summary>The scheme that sentences are read by.</summary>
    public TagScheme Scheme { get; }

    /// <summary>The types of spans, in ordinal order.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>The tags, in the order of their classes: O, then those of each type, also ones that no sentence has.</summary>
    public IReadOnlyList<string> Names { get; }

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

    /// <summary>Whether a class may stand right after another.</summary>
    public bool MayFollow(int before, int tag) => follows[before][tag];

    /// <summary>The class of each word of a sentence. Of IOB1 it is that of the same spans in BIO.</summary>
    /// <exception cref="ArgumentException">There is not one tag for each word, a tag is not of the set, or it may not stand where it does.</exception>
    public int[] ClassesOf(TaggedSentence sentence)
    {
        TagCheck.Words(sentence);
        var read = new int[sentence.Tags.Count];
        var before = Outside;
        for (var i = 0; i < read.Length; i++)
        {
            if (!classes.TryGetValue(Written(sentence.Tags[i], tags[before]), out var tag))
            {
                throw TagCheck.Error(sentence, i, $"is not among the {Names.Count} tags of {InWords}: {TagCheck.Some(Names)}");
            }
            if (!MayFollow(before, tag))
            {
                throw TagCheck.Error(sentence, i, $"can not follow '{Names[before]}' in {InWords}; expected {After(before)}. {Hint(tag)}");
            }
            read[i] = before = tag;
        }
        return MayFollow(before, Outside) ? read
            : throw TagCheck.Error(sentence, read.Length - 1, $"is the last tag, and its span is not closed; in {InWords} the last is 'O', 'E-' or 'S-'");
    }

    string InWords => Scheme.ToString().ToUpperInvariant();

    /// <summary>A tag as the set has it: in IOB1, I- of another type than the word before begins a span.</summary>
    string Written(string text, Tag before) => Scheme == TagScheme.Iob1 && Tag.Parse(text) is { Prefix: "I" } tag && tag.Type != before.Type ? $"B-{tag.Type}" : text;

    bool MayFollow(Tag before, Tag tag)
    {
        var inside = before.Prefix is "B" or "I";
        return tag.Prefix is "I" or "E" ? inside && before.Type == tag.Type : !inside || Scheme != TagScheme.Bioes;
    }

    /// <summary>What may follow a class, those of its type first.</summary>
    string After(int before) => TagCheck.Some(Enumerable.Range(0, tags.Length).Where(tag => MayFollow(before, tag)).OrderByDescending(tag => tags[tag].Type == tags[before].Type).Select(tag => Names[tag]));

    string Hint(int tag) => Scheme == TagScheme.Bio && tags[tag].Prefix == "I" ? "Mend the tags; if I- begins spans all over the data, it is IOB1: say so (scheme)." : "Mend the tags.";
}
