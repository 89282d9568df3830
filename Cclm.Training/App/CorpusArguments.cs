using System.CommandLine;
using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>The options of the commands that read a corpus.</summary>
sealed class CorpusArguments
{
    readonly Option<string[]> corpus;
    readonly Option<string?> format = new("--format") { Description = "The files' format. Default: each file's extension says it." };
    readonly Option<string[]> textColumn = new("--text-column") { AllowMultipleArgumentsPerToken = true, Description = "The column of the text: a name, a path such as message.text, or a number from 1. Several are joined. Default: text, or the only one." };
    readonly Option<string> textSeparator = new("--text-separator") { DefaultValueFactory = _ => " ", Description = "Between the texts of several columns." };
    readonly Option<string?> labelColumn = new("--label-column") { Description = "The column of the label. Default: label; in a file without header, the first." };
    readonly Option<string?> labelSeparator = new("--label-separator") { Description = "Between the labels of a row that may have several, where they stand in one field." };
    readonly Option<string?> edges = new("--edges") { Description = "A graph's edges, for the task graph: a file of two node numbers a line, where node i is line i of the corpus, counted from 0." };
    readonly Option<string?> nodeLabels = new("--labels") { Description = "A graph's labels: a file of one a node and line, blank where a node has none." };
    readonly Option<bool> header = new("--header") { Description = "The first row of CSV and TSV names the columns. Default: so in CSV, and in TSV when a column is named." };
    readonly Option<bool> noHeader = new("--no-header") { Description = "The first row of CSV and TSV is data." };
    readonly Option<bool> quotes = new("--quotes") { Description = "Fields of TSV may be in quotation marks, as those of CSV." };
    readonly Option<string> separator = new("--separator") { DefaultValueFactory = _ => ",", Description = "Between the fields of CSV." };
    readonly Option<string?> split = new("--split") { Description = "The split of a data set folder. Default: train, or the only one." };
    readonly Option<string?> config = new("--config") { Description = "The configuration of a data set folder. Default: its default one." };
    readonly Option<bool> skipIncomplete = new("--skip-incomplete") { Description = "Leave out rows whose text or label is empty or null; otherwise they are an error." };

    /// <param name="command">Gets the options.</param>
    /// <param name="required">Whether there is nothing else to read.</param>
    /// <param name="name">What the option is called that names the files; its first letter is its short form.</param>
    /// <param name="labels">Whether there are options for labels and graphs.</param>
    public CorpusArguments(Command command, bool required = true, string name = "--corpus", bool labels = true)
    {
        corpus = new(name, name[1..3])
        {
            Required = required,
            AllowMultipleArgumentsPerToken = true,
            Description = "What to read: files, folders, patterns such as 'data/**/*.jsonl.zst', data set folders of the Hugging Face hub, or - for standard input.",
        };
        format.AcceptOnlyFromAmong([.. Enum.GetNames<CorpusFormat>().Select(name => name.ToLowerInvariant())]);
        Option[] ofLabels = labels ? [labelColumn, labelSeparator, edges, nodeLabels] : [];
        foreach (var option in (Option[])[corpus, format, textColumn, textSeparator, .. ofLabels, header, noHeader, quotes, separator, split, config, skipIncomplete])
        {
            command.Add(option);
        }
    }

    /// <summary>What was asked for; null where no corpus was named.</summary>
    /// <inheritdoc cref="Read"/>
    public CorpusOptions? ReadOrDefault(ParseResult arguments) => arguments.GetValue(corpus) is { Length: > 0 } ? Read(arguments) : null;

    /// <summary>What was asked for; the standard input where no corpus was named.</summary>
    /// <exception cref="ArgumentException">Two options say the opposite of each other, the separator is no character, or an option that there is not stands behind the files.</exception>
    public CorpusOptions Read(ParseResult arguments) => new()
    {
        Paths = PathsOf(arguments),
        Format = arguments.GetValue(format) is { } name ? Enum.Parse<CorpusFormat>(name, ignoreCase: true) : null,
        TextColumns = arguments.GetValue(textColumn) ?? [],
        TextSeparator = arguments.GetRequiredValue(textSeparator),
        LabelColumn = arguments.GetValue(labelColumn),
        LabelSeparator = arguments.GetValue(labelSeparator),
        Edges = arguments.GetValue(edges),
        Labels = arguments.GetValue(nodeLabels),
        Header = (arguments.GetValue(header), arguments.GetValue(noHeader)) switch
        {
            (true, true) => throw new ArgumentException($"{header.Name} and {noHeader.Name} say the opposite of each other; give one of them."),
            (false, false) => null,
            var (yes, _) => yes,
        },
        Quotes = arguments.GetValue(quotes),
        Separator = arguments.GetRequiredValue(separator) is [var one] ? one : throw new ArgumentException($"{separator.Name} is '{arguments.GetValue(separator)}'; expected one character."),
        Split = arguments.GetValue(split),
        Config = arguments.GetValue(config),
        SkipIncomplete = arguments.GetValue(skipIncomplete),
    };

    string[] PathsOf(ParseResult arguments)
    {
        string[] paths = arguments.GetValue(corpus) is { Length: > 0 } named ? named : ["-"];
        return paths.FirstOrDefault(path => path.StartsWith("--", StringComparison.Ordinal) && path.All(letter => letter == '-' || char.IsAsciiLetterOrDigit(letter)) && !Path.Exists(path)) is { } option
            ? throw new ArgumentException($"There is no option '{option}' here, and no file of that name.{Suggestion.Nearest(option, arguments.CommandResult.Command.Options.Select(known => known.Name))} --help lists the options.")
            : paths;
    }
}
