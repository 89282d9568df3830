namespace Cclm.Training;

/// <summary>Accuracy, and the mean over the classes of F1, in which rare classes count as much as frequent ones.</summary>
/// <param name="classes">K</param>
sealed class ClassScores(int classes) : Metric
{
    readonly Confusion confusion = new(classes);
    long right, count;

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        foreach (var (told, expected) in answer.Classes.Zip(answer.Expected.cpu().data<long>().ToArray()))
        {
            confusion.Add((int)told, told: true, expected: told == expected);
            if (told != expected)
            {
                confusion.Add((int)expected, told: false, expected: true);
            }
            right += told == expected ? 1 : 0;
            count++;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => [new("accuracy", (double)right / count), new("macro F1", confusion.MacroF1)];
}

/// <summary>Macro and micro F1 of labels that are told at a probability above one half, and how often all of a text's are right.</summary>
/// <param name="labels">K</param>
sealed class MultiLabelScores(int labels) : Metric
{
    readonly Confusion confusion = new(labels);
    long right, count;

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        var (told, expected) = (answer.Output.gt(Scalars.Kept(0)).cpu().data<bool>().ToArray(), answer.Expected.gt(Scalars.Kept(0.5)).cpu().data<bool>().ToArray());
        for (var i = 0; i < told.Length; i++)
        {
            confusion.Add(i % labels, told[i], expected[i]);
        }
        right += Enumerable.Range(0, told.Length / labels).Count(row => told.AsSpan(row * labels, labels).SequenceEqual(expected.AsSpan(row * labels, labels)));
        count += told.Length / labels;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => [new("macro F1", confusion.MacroF1), new("micro F1", confusion.MicroF1), new("all labels right", (double)right / count)];
}

/// <summary>How often each class was told and was right.</summary>
sealed class Confusion(int classes)
{
    readonly long[] right = new long[classes], told = new long[classes], expected = new long[classes];

    public void Add(int label, bool told, bool expected)
    {
        this.told[label] += told ? 1 : 0;
        this.expected[label] += expected ? 1 : 0;
        right[label] += told && expected ? 1 : 0;
    }

    /// <summary>The mean F1 of the classes that were told or expected.</summary>
    public double MacroF1 => Enumerable.Range(0, right.Length).Where(i => told[i] + expected[i] > 0).Select(i => F1(right[i], told[i], expected[i])).DefaultIfEmpty(0).Average();

    /// <summary>F1 over all classes together.</summary>
    public double MicroF1 => F1(right.Sum(), told.Sum(), expected.Sum());

    /// <summary>2 * precision * recall / (precision + recall); 0 where nothing is right.</summary>
    static double F1(long right, long told, long expected) => right == 0 ? 0 : 2.0 * right / (told + expected);
}
