namespace Cclm.Training;

/// <summary>The numbers of one update by AdamW (Loshchilov and Hutter 2019) that all weights of a range share.</summary>
/// <param name="Scale">What gradients are multiplied with.</param>
/// <param name="Kept">The share of a weight that decay leaves.</param>
/// <param name="Rate">The learning rate, corrected for the mean's start at 0.</param>
/// <param name="Variance">What the mean square is divided by, for its start at 0.</param>
readonly record struct AdamWStep(float Scale, float Kept, float Rate, float Variance)
{
    public const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    /// <summary>How far one gradient moves a weight in all, as momentum carries it on for some steps. A row of a table is mostly read by one batch and not by the next ones, and is moved so far at once.</summary>
    const double Momentum = 10;             // 1 / (1 - Beta1)

    /// <param name="range">The weights.</param>
    /// <param name="step">Which of the group's steps this is, from 1.</param>
    /// <param name="learningRate">Of groups whose share is 1.</param>
    /// <param name="weightDecay">Decoupled, of matrices.</param>
    /// <param name="scale">What gradients are multiplied with.</param>
    public static AdamWStep Of(WeightRange range, int step, double learningRate, double weightDecay, float scale)
    {
        var rate = learningRate * range.Group.Share;
        return new(scale, range.Decays ? (float)(1 - (rate * weightDecay)) : 1, (float)(rate * (range.IsTable ? Momentum : 1) / (1 - Math.Pow(Beta1, step))), (float)(1 - Math.Pow(Beta2, step)));
    }
}

/// <summary>Weights that lie side by side and are trained alike.</summary>
/// <param name="Group">What they belong to.</param>
/// <param name="Start">The first.</param>
/// <param name="Length">How many.</param>
/// <param name="Decays">Whether they decay: those of matrices.</param>
/// <param name="IsTable">Whether they are of a table, of which a batch reads few rows.</param>
readonly record struct WeightRange(ParameterGroup Group, long Start, long Length, bool Decays, bool IsTable)
{
    /// <summary>Adds a range to the last one where it goes on from there, else behind it.</summary>
    public static List<WeightRange> Joined(IEnumerable<WeightRange> ranges)
    {
        List<WeightRange> joined = [];
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && joined[^1] is var last && range == last with { Start = last.Start + last.Length, Length = range.Length })
            {
                joined[^1] = last with { Length = last.Length + range.Length };
                continue;
            }
            joined.Add(range);
        }
        return joined;
    }
}
