namespace Cclm.Training;

/// <summary>The labels that a classifier tells, in the order of its logits.</summary>
sealed class LabelSet
{
    readonly Dictionary<string, long> classes;

    /// <exception cref="ArgumentException">There are fewer labels than there must be, or one is there twice.</exception>
    public LabelSet(IReadOnlyList<string> labels)
    {
        if (labels.Count < 2)
        {
            throw new ArgumentException($"There is nothing to tell apart: found {labels.Count} label{(labels.Count == 1 ? $", '{labels[0]}'" : "s")}; expected two or more.", nameof(labels));
        }
        if (labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Label '{twice.Key}' is given {twice.Count()} times; expected each once.", nameof(labels));
        }
        All = labels;
        classes = labels.Index().ToDictionary(label => label.Item, label => (long)label.Index);
    }

    public IReadOnlyList<string> All { get; }

    public long this[string label] => classes[label];

    /// <summary>The labels in words.</summary>
    public override string ToString() => $"the labels {string.Join(", ", All.Select(label => $"'{label}'"))}";

    /// <exception cref="ArgumentException">A label is not among them.</exception>
    public void Check(IEnumerable<string> found)
    {
        if (found.FirstOrDefault(label => !classes.ContainsKey(label)) is { } stranger)
        {
            throw new ArgumentException($"Label '{stranger}' is not among the {All.Count} that the pretrainer was made with. Make it with every label of the data.", nameof(found));
        }
    }

    /// <exception cref="ArgumentException">There is not one weight above 0 for each label.</exception>
    public void CheckWeights(IReadOnlyList<double>? weights)
    {
        if (weights is not null && (weights.Count != All.Count || weights.Any(weight => !(weight > 0 && double.IsFinite(weight)))))
        {
            throw new ArgumentException($"There are {weights.Count} class weights ({string.Join(", ", weights.Take(5))}{(weights.Count > 5 ? ", .." : "")}) for {All.Count} labels; expected one above 0 for each.", nameof(weights));
        }
    }

    /// <summary>Weights that make rare labels count as much as frequent ones: for a label of n rows among N of K labels, N/(K*n).</summary>
    public static IReadOnlyList<double> Balanced(IReadOnlyList<long> counts) => [.. counts.Select(count => counts.Sum() / ((double)counts.Count * Math.Max(1, count)))];
}
