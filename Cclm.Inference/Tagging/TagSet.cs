namespace Cclm.Inference;

/// <summary>The tags that words can have, as classes from 0, and which may follow which.</summary>
/// <remarks>A sentence reads as if O stood before and behind it, so what may begin and end one is what may follow and precede O.</remarks>
public sealed class TagSet
{
    /// <summary>The class of O, a word in no span.</summary>
    public const int Outside = 0;

    readonly bool[][] follows;                                  // [before][tag]
    readonly Dictionary<string, int> classes;

    /// <param name="types">The types of spans, such as PER.</param>
    /// <param name="scheme">The scheme; <see cref="TagScheme.Auto"/> needs sentences to be told from.</param>
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
        Tag[] tags = [Tag.Outside, .. Types.SelectMany(type => prefixes.Select(prefix => new Tag(prefix, type)))];
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

    /// <summary>Whether a class may stand right after another.</summary>
    public bool MayFollow(int before, int tag) => follows[before][tag];

    /// <summary>The class of a tag; null where it is not of the set.</summary>
    internal int? ClassOf(string tag) => classes.TryGetValue(tag, out var found) ? found : null;

    /// <summary>The set that a head's tags are.</summary>
    /// <param name="names">The tags in the order of its logits.</param>
    /// <param name="scheme">The scheme, as a model's metadata names it.</param>
    /// <exception cref="InvalidDataException">They are not the tags of a scheme, in its order.</exception>
    internal static TagSet Read(IReadOnlyList<string> names, string? scheme)
    {
        TagScheme known = scheme switch
        {
            "bio" => TagScheme.Bio,
            "bioes" => TagScheme.Bioes,
            "iob1" => TagScheme.Iob1,
            _ => throw new InvalidDataException($"the scheme of its tags is '{scheme}'; expected bio, bioes or iob1"),
        };
        List<string> types = [.. names.Select(Tag.Parse).Where(tag => tag != Tag.Outside).Select(tag => tag.Type)];
        return types.Count > 0 && new TagSet(types, known) is var set && set.Names.SequenceEqual(names) ? set
            : throw new InvalidDataException($"its tags are not those of {scheme}: {string.Join(", ", names.Select(name => $"'{name}'"))}");
    }

    bool MayFollow(Tag before, Tag tag)
    {
        var inside = before.Prefix is "B" or "I";
        return tag.Prefix is "I" or "E" ? inside && before.Type == tag.Type : !inside || Scheme != TagScheme.Bioes;
    }
}
