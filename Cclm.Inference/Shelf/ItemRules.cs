namespace Cclm.Inference;

/// <summary>What has to hold in an item's <c>component.json</c> and in what an index says of it alike.</summary>
static class ItemRules
{
    public const int MaxList = 1000;

    const int MaxText = 100_000;

    /// <summary>An item needs words on what others may do with it.</summary>
    public static IEnumerable<string> Texts(string licence, params IEnumerable<string?> others)
    {
        if (string.IsNullOrWhiteSpace(licence))
        {
            yield return "has no licence; expected an SPDX expression, such as 'MIT', or a few words on what others may do with the item.";
        }
        if (others.Append(licence).FirstOrDefault(text => text?.Length > MaxText) is { } longest)
        {
            yield return $"has a text of {longest.Length:N0} characters; expected at most {MaxText:N0}.";
        }
    }

    /// <summary>An item is told from others by hashes, and all but a preprocessor have weights.</summary>
    public static IEnumerable<string> Hashes(ComponentKind kind, string vocabulary, string? weights, IReadOnlyList<ComponentParent> parents, params IEnumerable<(string Field, string Hash)> others)
    {
        IEnumerable<(string, string)> all = [("vocabulary", vocabulary), .. weights is null ? [] : ((string, string)[])[("weights", weights)], .. parents.Select(parent => ("parents", parent.Hash)), .. others];
        foreach (var (field, hash) in all)
        {
            if (!ItemNames.IsHash(hash))
            {
                yield return $"has '{Cut(hash)}' in '{field}'; expected SHA-256 as 64 lower-case hexadecimal digits.";
            }
        }
        if (kind != ComponentKind.Preprocessor && weights is null)
        {
            yield return $"has no 'weights'; expected the hash of the {kind.ItemType}'s weights.";
        }
    }

    /// <summary>Enough of a text to know it by.</summary>
    public static string Cut(string text) => text.Length <= 80 ? text : $"{text[..80]}..";
}
