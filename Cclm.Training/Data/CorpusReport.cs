namespace Cclm.Training.Data;

/// <summary>What a corpus is like, as far as it matters to training on it.</summary>
public sealed record CorpusReport
{
    /// <summary>A text with fewer characters than these, white space not counted, is near-empty: too short to tell anything from ("Thanks!").</summary>
    public const int NearEmptyBelow = 10;

    const double Worth = 0.01;          // a share of the texts that is worth a warning
    const int Few = 5, LabelsShown = 20;

    /// <summary>How many rows there are; blank lines count.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows whose text is nothing or white space alone.</summary>
    public required long Empty { get; init; }

    /// <summary>Texts that are not empty but near it (<see cref="NearEmptyBelow"/>).</summary>
    public required long NearEmpty { get; init; }

    /// <summary>Characters (Unicode scalar values) of all texts that are not empty.</summary>
    public required long Characters { get; init; }

    /// <summary>How many different characters there are.</summary>
    public required int DifferentCharacters { get; init; }

    /// <summary>The length that half of the texts do not exceed, in characters; empty ones are not counted.</summary>
    public required int MedianLength { get; init; }

    /// <summary>The length that nine of ten texts do not exceed.</summary>
    public required int NinetiethPercentile { get; init; }

    /// <summary>The length of the longest text.</summary>
    public required int LongestLength { get; init; }

    /// <summary>Texts that occurred before, character for character; empty ones are not counted.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Whether <see cref="Duplicates"/> is counted; otherwise it is an unbiased estimate from about a million different texts.</summary>
    public required bool DuplicatesAreExact { get; init; }

    /// <summary>The text that occurs most often, cut off, and how often; null where none occurs twice.</summary>
    public required (string Text, long Count)? MostRepeated { get; init; }

    /// <summary>How many rows have each label, the most frequent first; none where there are no labels.</summary>
    public required IReadOnlyList<(string Label, long Rows)> Labels { get; init; }

    /// <summary>Whether all labels are listed; there may be too many.</summary>
    public required bool LabelsAreComplete { get; init; }

    long Texts => Rows - Empty;

    /// <summary>The report as lines of a table.</summary>
    public IReadOnlyList<(string Name, string Value)> Lines() =>
    [
        ("rows", $"{Rows:N0}"),
        ("characters", $"{Characters:N0}, {DifferentCharacters:N0} different"),
        ("length", $"median {MedianLength:N0}, 90% up to {NinetiethPercentile:N0}, longest {LongestLength:N0}"),
        ("empty", Share(Empty, Rows)),
        ("near-empty", Share(NearEmpty, Rows)),
        ("duplicates", $"{Share(Duplicates, Rows)}{(DuplicatesAreExact ? "" : ", an estimate")}"),
        .. Labels.Count == 0 ? [] : ((string, string)[])[("labels", LabelsInWords())],
    ];

    /// <summary>What is worth a second look before training, in words; nothing where all is well.</summary>
    public IReadOnlyList<string> Warnings() => [.. Warn()];

    IEnumerable<string> Warn()
    {
        if (Empty > 0)
        {
            yield return $"{Empty:N0} of {Rows:N0} rows have no text and are left out.";
        }
        if (NearEmpty > Texts * Worth)
        {
            yield return $"{NearEmpty:N0} of {Texts:N0} texts have fewer than {NearEmptyBelow} characters: too little to learn from. See that the text column is the right one.";
        }
        if (Duplicates > Texts * Worth)
        {
            yield return $"{(DuplicatesAreExact ? "" : "About ")}{Duplicates:N0} of {Texts:N0} texts are duplicates: what occurs often is learned at the cost of the rest. " +
                $"'{MostRepeated?.Text}' occurs {MostRepeated?.Count:N0} times.";
        }
        if (Labels is [var only])
        {
            yield return $"Every row has the label '{only.Label}': there is nothing to tell apart. See that the label column is the right one.";
        }
        if (!LabelsAreComplete)
        {
            yield return $"There are {Labels.Count:N0} different labels and more. See that the label column is the right one.";
        }
        else if (Labels.Count(label => label.Rows < Few) is > 0 and var rare)
        {
            yield return $"{rare:N0} of {Labels.Count:N0} labels have fewer than {Few} rows, such as '{Labels[^1].Label}' with {Labels[^1].Rows:N0}: too few to learn from and to be held out.";
        }
    }

    string LabelsInWords() => $"{Labels.Count:N0}{(LabelsAreComplete ? "" : " and more")}: " +
        $"{string.Join(", ", Labels.Take(LabelsShown).Select(label => $"{label.Label} {label.Rows:N0}"))}{(Labels.Count > LabelsShown ? ", .." : "")}";

    static string Share(long part, long whole) => part == 0 ? "none" : $"{part:N0} ({(double)part / whole:P1})";
}
