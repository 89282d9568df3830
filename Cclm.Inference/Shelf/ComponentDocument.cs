namespace Cclm.Inference;

/// <summary><c>component.json</c>: reading, writing, and what has to hold in it.</summary>
static class ComponentDocument
{
    public const string FileName = "component.json";

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
            yield return $"has the name '{ItemRules.Cut(component.Name)}'; expected lower-case letters, digits and underscores.";
        }
        if (!ItemNames.IsVersion(component.Version))
        {
            yield return $"has the version '{ItemRules.Cut(component.Version)}'; expected lower-case letters, digits, dots and dashes, such as '1.0.0'.";
        }
        foreach (var problem in ItemRules.Texts(component.Licence, component.Description, component.Data)
            .Concat(ItemRules.Hashes(component.Kind, component.Vocabulary, component.Weights, component.Parents, component.Files.Select(file => ("files", file.Sha256)))))
        {
            yield return problem;
        }
        if (component.Metrics.FirstOrDefault(metric => !double.IsFinite(metric.Value)) is { Key: { } name })
        {
            yield return $"has a metric '{ItemRules.Cut(name)}' that is no number.";
        }
        if (component.Files.Count > ItemRules.MaxList || component.Parents.Count > ItemRules.MaxList || component.Metrics.Count > ItemRules.MaxList)
        {
            yield return $"has more than {ItemRules.MaxList} files, parents or metrics.";
        }
        var paths = new EntryNames();
        foreach (var file in component.Files)
        {
            if (paths.Problem(file.Path, isFolder: false) is { } refusal)
            {
                yield return $"lists the file '{ItemRules.Cut(file.Path)}', {refusal}";
            }
            if (file.Size < 0)
            {
                yield return $"gives '{file.Path}' {file.Size} bytes.";
            }
        }
    }
}
