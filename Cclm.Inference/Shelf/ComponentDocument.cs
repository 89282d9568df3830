namespace Cclm.Inference;

/// <summary><c>component.json</c>: reading, writing, and what has to hold in it.</summary>
static class ComponentDocument
{
    public const string FileName = "component.json";

    const int MaxText = 100_000, MaxList = 1000;

    public static Component Parse(ReadOnlySpan<byte> json)
    {
        var component = StrictJson.Parse(json, ShelfJson.Default.Component, Component.CurrentFormat, Component.CurrentFormatVersion);
        _ = Write(component);       // options are read as they stand, and may hold what is no text
        return component;
    }

    public static string Write(Component component) => StrictJson.Write(Check(component), ShelfJson.Default.Component);

    static Component Check(Component component)
    {
        foreach (var problem in Problems(component))
        {
            throw new InvalidDataException($"component.json {problem}");
        }
        return component;
    }

    static IEnumerable<string> Problems(Component component)
    {
        if (!ItemNames.IsName(component.Name))
        {
            yield return $"has the name '{Cut(component.Name)}'; expected lower-case letters, digits and underscores.";
        }
        if (!ItemNames.IsVersion(component.Version))
        {
            yield return $"has the version '{Cut(component.Version)}'; expected lower-case letters, digits, dots and dashes, such as '1.0.0'.";
        }
        if (string.IsNullOrWhiteSpace(component.Licence))
        {
            yield return "has no licence; expected an SPDX expression, such as 'MIT', or a few words on what others may do with the item.";
        }
        if (((string?[])[component.Licence, component.Description, component.Data]).FirstOrDefault(text => text?.Length > MaxText) is { } longest)
        {
            yield return $"has a text of {longest.Length:N0} characters; expected at most {MaxText:N0}.";
        }
        foreach (var (field, hash) in (((string, string?)[])[("vocabulary", component.Vocabulary), ("weights", component.Weights)])
            .Concat(component.Parents.Select(parent => ("parents", (string?)parent.Hash))).Concat(component.Files.Select(file => ("files", (string?)file.Sha256))))
        {
            if (hash is not null && !ItemNames.IsHash(hash))
            {
                yield return $"has '{Cut(hash)}' in '{field}'; expected SHA-256 as 64 lower-case hexadecimal digits.";
            }
        }
        if (component.Kind != ComponentKind.Preprocessor && component.Weights is null)
        {
            yield return $"has no 'weights'; expected the hash of the {component.Kind.ItemType}'s weights.";
        }
        if (component.Metrics.FirstOrDefault(metric => !double.IsFinite(metric.Value)) is { Key: { } name })
        {
            yield return $"has a metric '{Cut(name)}' that is no number.";
        }
        if (component.Files.Count > MaxList || component.Parents.Count > MaxList || component.Metrics.Count > MaxList)
        {
            yield return $"has more than {MaxList} files, parents or metrics.";
        }
        var paths = new EntryNames();
        foreach (var file in component.Files)
        {
            if (paths.Problem(file.Path, isFolder: false) is { } problem)
            {
                yield return $"lists the file '{Cut(file.Path)}', {problem}";
            }
            if (file.Size < 0)
            {
                yield return $"gives '{file.Path}' {file.Size} bytes.";
            }
        }
    }

    static string Cut(string text) => text.Length <= 80 ? text : $"{text[..80]}..";
}
