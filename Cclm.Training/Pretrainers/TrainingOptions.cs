namespace Cclm.Training;

/// <summary>How a pretrainer trains.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimizer steps; the data is gone through as often as that takes.</summary>
    public int Steps { get; init; } = 1_000;

    /// <summary>Texts a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The highest learning rate, reached after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The share of the steps in which the learning rate rises from 0; after them it falls to 0 by a half cosine.</summary>
    public double Warmup { get; init; } = 0.05;

    /// <summary>AdamW's decoupled weight decay, on matrices only: biases, norms and scales have no reason to be small.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The longest gradient, in Euclidean norm over all weights; longer ones are scaled down to it.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Of the order of the data, of masking and of dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Steps between two reports of progress.</summary>
    public int ReportEvery { get; init; } = 10;

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        foreach (var (name, value, sound, expected) in (ReadOnlySpan<(string, double, bool, string)>)
            [(nameof(Steps), Steps, Steps > 0, "1 or more"), (nameof(BatchSize), BatchSize, BatchSize > 0, "1 or more"),
             (nameof(LearningRate), LearningRate, LearningRate is > 0 and < 10, "more than 0, usually 1e-4 to 3e-3"),
             (nameof(Warmup), Warmup, Warmup is >= 0 and <= 1, "a share between 0 and 1"),
             (nameof(WeightDecay), WeightDecay, WeightDecay is >= 0 and < 1, "0 or more and less than 1"),
             (nameof(ClipNorm), ClipNorm, ClipNorm > 0, "more than 0"), (nameof(ReportEvery), ReportEvery, ReportEvery > 0, "1 or more")])
        {
            if (!sound)
            {
                throw new ArgumentException($"{name} is {value}; expected {expected}.", name);
            }
        }
    }

    /// <summary>The learning rate of a step, from 0.</summary>
    public double LearningRateAt(int step)
    {
        var warmup = Warmup * Steps;
        return step < warmup
            ? LearningRate * (step + 1) / (warmup + 1)
            : LearningRate * 0.5 * (1 + Math.Cos(Math.PI * (step - warmup) / Math.Max(1, Steps - warmup)));
    }
}

/// <summary>Where a run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean over the steps since the last report.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="CharactersPerSecond">Ids, padding not counted, since the run began.</param>
/// <param name="Elapsed">Since the run began.</param>
public sealed record TrainingProgress(int Step, int Steps, double Loss, double LearningRate, double CharactersPerSecond, TimeSpan Elapsed);

/// <summary>How a run ended.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Losses">The loss of each report, in order.</param>
/// <param name="Cancelled">Whether it was stopped before its last step; what was learned until then is kept.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record TrainingResult(int Steps, IReadOnlyList<double> Losses, bool Cancelled, TimeSpan Elapsed);
