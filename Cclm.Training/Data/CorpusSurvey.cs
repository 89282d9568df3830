using System.Runtime.InteropServices;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>Looks at the rows of a corpus one after the other, and says what they are like. Memory does not grow with the corpus.</summary>
public sealed class CorpusSurvey
{
    const int ExactTexts = 1 << 20, MaxLabels = 10_000, Runes = 0x110000;

    readonly DuplicateSample texts = new(ExactTexts);
    readonly TextLengths lengths = new();
    readonly Dictionary<string, long> labels = [];
    readonly bool[] seen = new bool[Runes];
    long rows, empty, nearEmpty;

    /// <summary>Takes a row in.</summary>
    /// <param name="text">Its text; an empty one is counted.</param>
    /// <param name="labels">Its labels, if it has any.</param>
    public void Add(string text, params ReadOnlySpan<string> labels)
    {
        rows++;
        foreach (var label in labels)
        {
            if (this.labels.Count < MaxLabels || this.labels.ContainsKey(label))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(this.labels, label, out _)++;
            }
        }
        if (string.IsNullOrWhiteSpace(text))
        {
            empty++;
            return;
        }
        var (length, visible) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            seen[rune.Value] = true;
            length++;
            visible += Rune.IsWhiteSpace(rune) ? 0 : 1;
        }
        nearEmpty += visible < CorpusReport.NearEmptyBelow ? 1 : 0;
        lengths.Add(length);
        texts.Add(text);
    }

    /// <summary>What the rows so far are like.</summary>
    public CorpusReport Report() => new()
    {
        Rows = rows,
        Empty = empty,
        NearEmpty = nearEmpty,
        Characters = lengths.Characters,
        DifferentCharacters = seen.AsSpan().Count(true),
        MedianLength = lengths.Quantile(0.5),
        NinetiethPercentile = lengths.Quantile(0.9),
        LongestLength = lengths.Longest,
        Duplicates = texts.Duplicates,
        DuplicatesAreExact = texts.Exact,
        MostRepeated = texts.MostRepeated,
        Labels = labels.OrderByDescending(label => label.Value).ThenBy(label => label.Key, StringComparer.Ordinal).Select(label => (label.Key, label.Value)).ToList(),
        LabelsAreComplete = labels.Count < MaxLabels,
    };
}
