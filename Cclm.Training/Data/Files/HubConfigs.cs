using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Cclm.Training.Data;

/// <summary>A configuration that README.md of a data set folder names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDefault">Whether it is marked as the default.</param>
/// <param name="Folder">The folder that its patterns are relative to; empty for the data set's own.</param>
/// <param name="Splits">Each split's patterns; empty where names of files tell them.</param>
sealed record HubConfig(string Name, bool IsDefault, string Folder, IReadOnlyList<(string Split, IReadOnlyList<string> Patterns)> Splits);

/// <summary>Reads the YAML at the top of a data set's README.md.</summary>
static class HubConfigs
{
    const int MaxLines = 100_000, MaxDepth = 50;

    /// <summary>The YAML between the first two <c>---</c> lines; null where there is none.</summary>
    public static string? FrontMatter(string folder)
    {
        var readme = Path.Combine(folder, "README.md");
        if (!File.Exists(readme))
        {
            return null;
        }
        var lines = File.ReadLines(readme).Take(MaxLines).ToList();
        var end = lines is ["---", ..] ? lines.IndexOf("---", 1) : -1;
        return end > 0 ? string.Join('\n', lines[1..end]) : null;
    }

    /// <summary>The configurations; none where README.md names none.</summary>
    /// <exception cref="InvalidDataException">README.md is not what the hub describes.</exception>
    public static IReadOnlyList<HubConfig> Read(string folder)
    {
        try
        {
            var text = FrontMatter(folder) ?? "";
            CheckNesting(text);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] && Child(root, "configs") is YamlSequenceNode configs
                ? [.. configs.Select(config => Config(config as YamlMappingNode ?? throw Malformed("an entry of configs is no mapping")))]
                : [];
        }
        catch (YamlException e)
        {
            throw Malformed($"line {e.Start.Line + 1}: {e.Message}", e);
        }

        void CheckNesting(string text)                          // what refers to itself, or is very deep, would overflow the stack
        {
            var parser = new Parser(new StringReader(text));
            for (var depth = 0; parser.MoveNext(); depth += parser.Current!.NestingIncrease)
            {
                if (parser.Current is AnchorAlias alias)
                {
                    throw Malformed($"line {alias.Start.Line + 1} refers to an anchor, '*{alias.Value}'; expected YAML without references. Write out what it stands for.");
                }
                if (depth > MaxDepth)
                {
                    throw Malformed($"line {parser.Current!.Start.Line + 1} is nested more than {MaxDepth} deep.");
                }
            }
        }

        InvalidDataException Malformed(string what, Exception? inner = null) =>
            new($"README.md of '{folder}' is not as the hub describes it: {what} Correct it, or name files instead of the folder.", inner);

        HubConfig Config(YamlMappingNode config) => new(Text(Child(config, "config_name")) ?? "default", Text(Child(config, "default")) == "true",
            Inside(Text(Child(config, "data_dir")) ?? ""), Splits(Child(config, "data_files")));

        IReadOnlyList<(string, IReadOnlyList<string>)> Splits(YamlNode? files) => files switch
        {
            null => [],
            YamlMappingNode map => [.. map.Children.Select(split => (Text(split.Key) ?? "", Patterns(split.Value)))],
            YamlSequenceNode list when list.Any() && list.All(item => item is YamlMappingNode) =>
                [.. list.Cast<YamlMappingNode>().Select(item => (Text(Child(item, "split")) ?? "train", Patterns(Child(item, "path"))))],
            _ => [("train", Patterns(files))],
        };

        IReadOnlyList<string> Patterns(YamlNode? node) => node switch
        {
            YamlScalarNode { Value: { Length: > 0 } pattern } => [Inside(pattern)],
            YamlSequenceNode list when list.Any() => [.. list.SelectMany(Patterns)],
            _ => throw Malformed("data_files has a split without a path."),
        };

        string Inside(string path) => !Path.IsPathRooted(path) && !path.Split('/', '\\').Contains("..") && !path.Contains("://", StringComparison.Ordinal) ? path
            : throw Malformed($"'{path}' leads out of the folder.");
    }

    static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    static string? Text(YamlNode? node) => (node as YamlScalarNode)?.Value;
}
