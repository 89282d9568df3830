namespace Cclm.Training;

/// <summary>The share of the classes that were told rightly.</summary>
public sealed class Accuracy : Metric
{
    long right, count;

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        right += answer.Output.argmax(-1).eq(answer.Expected).sum().item<long>();
        count += answer.Count;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => [new("accuracy", (double)right / count)];
}
