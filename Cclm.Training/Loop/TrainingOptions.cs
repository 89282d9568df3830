using System.Text.Json.Serialization;
using TorchSharp.Modules;

namespace Cclm.Training;

/// <summary>How a pretrainer trains.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimizer steps; the data is gone through as often as that takes.</summary>
    public int Steps { get; init; } = 1_000;

    /// <summary>Texts a batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Batches whose gradients are averaged into one step: a larger batch than memory holds.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>The highest learning rate, reached after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The share of the steps in which the learning rate rises from 0.</summary>
    public double Warmup { get; init; } = 0.05;

    /// <summary>How the learning rate goes on after the warm-up.</summary>
    public Schedule Schedule { get; init; } = Schedule.Cosine;

    /// <summary>AdamW's decoupled weight decay, on matrices only: biases, norms and scales have no reason to be small.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>What a learning rate is multiplied with for each part further from the answer: the head has the whole of it, a tower this share, an embedder this share of that. 1 trains all alike; 0.4 is usual where pretrained parts are trained on (Howard and Ruder 2018: 1/2.6).</summary>
    public double DepthDecay { get; init; } = 1;

    /// <summary>Steps after which the next part from the answer begins to be trained, the head being the first (gradual unfreezing, Howard and Ruder 2018); 0 trains all from the first step.</summary>
    public int UnfreezeEvery { get; init; }

    /// <summary>The longest gradient, in Euclidean norm over all weights; longer ones are scaled down to it.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>The share of the target that is spread over all classes (Szegedy et al. 2016), so that no answer is held for certain.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Decay a step of an exponential moving average of the weights, usually 0.99 to 0.9999, which is then what is evaluated and kept; 0 is none.</summary>
    public double AverageDecay { get; init; }

    /// <summary>What products with weights are computed in; the weights themselves, attention, norms, softmax and losses are float32 always.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Steps between two evaluations on the held-out rows while training; 0 is none. With evaluations, the best weights are kept and not the last.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Evaluations in a row without a lower loss after which the run ends; 0 is never.</summary>
    public int Patience { get; init; }

    /// <summary>Rows of a data set too large for memory that are shuffled together; at most three such buffers are in memory: one that batches are made of, one that waits, one that is read.</summary>
    public int ShuffleBuffer { get; init; } = 50_000;

    /// <summary>Of the order of the data, of masking and of dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Steps between two reports of progress.</summary>
    public int ReportEvery { get; init; } = 10;

    /// <summary>Steps between two checkpoints, where there is a folder for them.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>The newest checkpoints that are kept.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        foreach (var (name, value, sound, expected) in (ReadOnlySpan<(string, double, bool, string)>)
            [(nameof(Steps), Steps, Steps > 0, "1 or more"), (nameof(BatchSize), BatchSize, BatchSize > 0, "1 or more"),
             (nameof(Accumulate), Accumulate, Accumulate > 0, "1 or more"),
             (nameof(LearningRate), LearningRate, LearningRate is > 0 and < 10, "more than 0, usually 1e-4 to 3e-3"),
             (nameof(Warmup), Warmup, Warmup is >= 0 and <= 1, "a share between 0 and 1"),
             (nameof(WeightDecay), WeightDecay, WeightDecay is >= 0 and < 1, "0 or more and less than 1"),
             (nameof(DepthDecay), DepthDecay, DepthDecay is > 0 and <= 1, "more than 0 and at most 1, usually 0.3 to 1"),
             (nameof(UnfreezeEvery), UnfreezeEvery, UnfreezeEvery >= 0, "0 or more"),
             (nameof(ClipNorm), ClipNorm, ClipNorm > 0, "more than 0"),
             (nameof(LabelSmoothing), LabelSmoothing, LabelSmoothing is >= 0 and < 1, "0 or more and less than 1, usually 0 to 0.1"),
             (nameof(AverageDecay), AverageDecay, AverageDecay is >= 0 and < 1, "0 or more and less than 1, usually 0.99 to 0.9999"),
             (nameof(EvaluateEvery), EvaluateEvery, EvaluateEvery >= 0, "0 or more"), (nameof(Patience), Patience, Patience >= 0, "0 or more"),
             (nameof(Patience), Patience, Patience == 0 || EvaluateEvery > 0, "0 where EvaluateEvery is 0: without evaluations nothing shows when to stop"),
             (nameof(ShuffleBuffer), ShuffleBuffer, ShuffleBuffer > 0, "1 or more"), (nameof(ReportEvery), ReportEvery, ReportEvery > 0, "1 or more"),
             (nameof(CheckpointEvery), CheckpointEvery, CheckpointEvery > 0, "1 or more"), (nameof(KeepCheckpoints), KeepCheckpoints, KeepCheckpoints > 0, "1 or more")])
        {
            if (!sound)
            {
                throw new ArgumentException($"{name} is {value}; expected {expected}.", name);
            }
        }
    }

    /// <summary>Parameters as these options train them.</summary>
    /// <param name="parts">By their distance from the answer, the head's first; those of parts that are not trained left out.</param>
    internal IReadOnlyList<ParameterGroup> Groups(IReadOnlyList<IReadOnlyList<Parameter>> parts) => DepthDecay == 1 && UnfreezeEvery == 0
        ? [new([.. parts.Reverse().SelectMany(part => part)])]
        : [.. parts.Select((part, depth) => new ParameterGroup(part, Math.Pow(DepthDecay, depth), depth * UnfreezeEvery))];

    /// <summary>What keeps a run that was begun with some options from going on with others, in words. How long it runs and what it leaves may change.</summary>
    internal static IEnumerable<string> Differences(TrainingOptions begun, TrainingOptions now)
    {
        var comparable = begun with { Steps = now.Steps, CheckpointEvery = now.CheckpointEvery, KeepCheckpoints = now.KeepCheckpoints };
        return typeof(TrainingOptions).GetProperties()
            .Where(option => !Equals(option.GetValue(comparable), option.GetValue(now)))
            .Select(option => $"{option.Name} was {option.GetValue(begun)} and is {option.GetValue(now)}");
    }

    /// <summary>The learning rate of a step, from 0.</summary>
    public double LearningRateAt(int step)
    {
        var warmup = Warmup * Steps;
        if (step < warmup)
        {
            return LearningRate * (step + 1) / (warmup + 1);
        }
        var done = (step - warmup) / Math.Max(1, Steps - warmup);
        return LearningRate * Schedule switch
        {
            Schedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * done)),
            Schedule.Linear => 1 - done,
            _ => 1,
        };
    }
}

/// <summary>How a learning rate goes on after its warm-up.</summary>
public enum Schedule
{
    /// <summary>Down to 0 by a half cosine (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>Down to 0 along a line.</summary>
    Linear,

    /// <summary>It stays.</summary>
    Constant,
}

/// <summary>What matrix products are computed in while training.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>Brain floating point, 16 bits: twice as fast and more on processors that have it, with float32 masters.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}
