using System.Text.RegularExpressions;

namespace Cclm.Training.Data;

/// <summary>
/// A data set folder as the Hugging Face hub lays it out (hub documentation, "Data files configuration"): README.md names the files of
/// each configuration and split, or names of files and folders tell them.
/// </summary>
static partial class HubFolder
{
    const string Train = "train";

    /// <summary>Words that mark a split, in the order in which splits are listed.</summary>
    static readonly (string Split, string[] Words)[] Keywords =
    [
        (Train, ["train", "training"]),
        ("validation", ["validation", "valid", "dev", "val"]),
        ("test", ["test", "testing", "eval", "evaluation"]),
    ];

    static readonly string[] NoData = ["README.md", "config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"];

    /// <summary>Whether a folder is laid out so: its README.md begins with YAML.</summary>
    public static bool IsAt(string folder) => HubConfigs.FrontMatter(folder) is not null;

    /// <summary>The files of one split of one configuration.</summary>
    /// <exception cref="InvalidDataException">There is no such split or configuration; the message lists those there are.</exception>
    public static IEnumerable<string> Find(string folder, CorpusOptions options)
    {
        var splits = HubConfigs.Read(folder) is { Count: > 0 } configs ? Of(folder, Choose(folder, configs, options.Config))
            : options.Config is null ? ByName(folder)
            : throw new ArgumentException($"README.md of '{folder}' names no configurations; '{options.Config}' can not be chosen. Leave it out.", nameof(options));
        var split = options.Split ?? (splits is [var only] ? only.Split : Train);
        var files = splits.FirstOrDefault(candidate => candidate.Split == split).Files
            ?? throw new ArgumentException($"'{folder}' has no split '{split}'; it has {List(splits.Select(known => known.Split))}. Choose one (--split).", nameof(options));
        return files.Select(file => Path.Combine(folder, file));
    }

    static HubConfig Choose(string folder, IReadOnlyList<HubConfig> configs, string? name) =>
        (name is not null ? configs.FirstOrDefault(config => config.Name == name)
            : configs is [var only] ? only : configs.FirstOrDefault(config => config.IsDefault) ?? configs.FirstOrDefault(config => config.Name == "default"))
        ?? throw new ArgumentException($"'{folder}' has {(name is null ? "no default configuration" : $"no configuration '{name}'")}; it has " +
            $"{List(configs.Select(config => config.Name))}. Choose one (--config).", nameof(name));

    static List<(string Split, IReadOnlyList<string> Files)> Of(string folder, HubConfig config)
    {
        if (config.Splits.Count == 0)
        {
            return ByName(folder, config.Folder);
        }
        return [.. config.Splits.Select(split => (split.Split, Matches(split.Patterns)))];

        IReadOnlyList<string> Matches(IReadOnlyList<string> patterns) => [.. patterns.SelectMany(pattern =>
            FileSearch.Matches(folder, Path.Combine(config.Folder, pattern).Replace('\\', '/')).Where(IsData).ToList() is { Count: > 0 } found ? found
                : throw new FileNotFoundException($"README.md of '{folder}' names '{pattern}', which matches no file there; * and ** are understood. Download the files."))];
    }

    /// <summary>Shards first (<c>data/train-00000-of-00002.parquet</c>), then names of folders, then of files; else everything is to train on.</summary>
    static List<(string Split, IReadOnlyList<string> Files)> ByName(string folder, string below = "")
    {
        var prefix = below.Length > 0 ? $"{below.TrimEnd('/')}/" : "";
        List<string> files = [.. FileSearch.FilesBelow(folder).Where(file => file.StartsWith(prefix, StringComparison.Ordinal) && IsData(file) && CorpusFile.FormatOf(file) is not null)];
        if (files.Count == 0)
        {
            throw new FileNotFoundException($"The data set folder '{Path.Combine(folder, below)}' holds no .parquet, .jsonl, .csv, .tsv or .txt file. Download its files.");
        }
        var shards = files.GroupBy(file => Shard().Match(file[prefix.Length..]).Groups[1].Value).Where(group => group.Key.Length > 0).ToList();
        if (shards.Count > 0)
        {
            return [.. shards.Select(shard => (shard.Key, (IReadOnlyList<string>)[.. shard]))];
        }
        var byFolder = Marked(file => file[prefix.Length..].Split('/')[..^1], ending: "(?![^-._ 0-9])");
        var marked = byFolder.Count > 0 ? byFolder : Marked(file => [Path.GetFileName(file)], ending: "[-._ 0-9]");
        return marked.Count > 0 ? marked : [(Train, files)];

        List<(string Split, IReadOnlyList<string> Files)> Marked(Func<string, string[]> names, string ending) =>
            [.. Keywords.Select(keyword => (keyword.Split, Files: (IReadOnlyList<string>)[.. files.Where(file => names(file).Any(name =>
                Regex.IsMatch(name, $"(^|[-._ 0-9])({string.Join('|', keyword.Words)}){ending}")))])).Where(split => split.Files.Count > 0)];
    }

    static bool IsData(string file) => !NoData.Contains(Path.GetFileName(file)) && !file.Split('/')[..^1].Any(part => part.StartsWith("__", StringComparison.Ordinal));

    static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    [GeneratedRegex(@"^data/([^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]*$")]
    private static partial Regex Shard();
}
