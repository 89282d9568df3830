using System.CommandLine;

namespace Cclm.Training.App;

/// <summary>The options of the commands that train.</summary>
sealed class TrainingArguments
{
    static readonly TrainingOptions Defaults = new() { EvaluateEvery = 500 };

    readonly Option<int> steps = new("--steps") { DefaultValueFactory = _ => Defaults.Steps, Description = "Optimizer steps." };
    readonly Option<int> batchSize = new("--batch-size") { DefaultValueFactory = _ => Defaults.BatchSize, Description = "Texts a batch." };
    readonly Option<int> accumulate = new("--accumulate") { DefaultValueFactory = _ => Defaults.Accumulate, Description = "Batches a step." };
    readonly Option<double> learningRate = new Option<double>("--learning-rate") { DefaultValueFactory = _ => Defaults.LearningRate, Description = "The highest learning rate." }.Plain();
    readonly Option<double> warmup = new Option<double>("--warmup") { DefaultValueFactory = _ => Defaults.Warmup, Description = "The share of the steps in which the learning rate rises." }.Plain();
    readonly Option<string> schedule = new Option<string>("--schedule") { DefaultValueFactory = _ => Name(Defaults.Schedule), Description = "How the learning rate goes on after that." }.Among(Enum.GetNames<Schedule>().Select(Lower));
    readonly Option<double> weightDecay = new Option<double>("--weight-decay") { DefaultValueFactory = _ => Defaults.WeightDecay, Description = "AdamW's, on matrices only." }.Plain();
    readonly Option<double> depthDecay = new Option<double>("--depth-decay") { DefaultValueFactory = _ => Defaults.DepthDecay, Description = "What the learning rate is multiplied with for each part further from the answer: head, towers, embedder." }.Plain();
    readonly Option<int> unfreezeEvery = new("--unfreeze-every") { DefaultValueFactory = _ => Defaults.UnfreezeEvery, Description = "Steps after which the next part from the answer begins to be trained; 0 for all at once." };
    readonly Option<double> clipNorm = new Option<double>("--clip-norm") { DefaultValueFactory = _ => Defaults.ClipNorm, Description = "The longest gradient." }.Plain();
    readonly Option<double> labelSmoothing = new Option<double>("--label-smoothing") { DefaultValueFactory = _ => Defaults.LabelSmoothing, Description = "The share of a target that is spread over all classes." }.Plain();
    readonly Option<double> averageDecay = new Option<double>("--average-decay") { DefaultValueFactory = _ => Defaults.AverageDecay, Description = "Decay of the moving average of the weights that is kept, such as 0.999; 0 for none." }.Plain();
    readonly Option<string> precision = PrecisionOption();
    readonly Option<int> evaluateEvery = new("--evaluate-every") { DefaultValueFactory = _ => Defaults.EvaluateEvery, Description = "Steps between evaluations on held-out texts, the best of which is kept; 0 for none." };
    readonly Option<int> patience = new("--patience") { DefaultValueFactory = _ => Defaults.Patience, Description = "Evaluations without a lower loss after which the run ends; 0 for never." };
    readonly Option<int> shuffleBuffer = new("--shuffle-buffer") { DefaultValueFactory = _ => Defaults.ShuffleBuffer, Description = "Rows that are shuffled together where the corpus is too large for memory." };
    readonly Option<int> seed = new("--seed") { DefaultValueFactory = _ => Defaults.Seed, Description = "Of weights, order and noise." };
    readonly Option<int> checkpointEvery = new("--checkpoint-every") { DefaultValueFactory = _ => Defaults.CheckpointEvery, Description = "Steps between checkpoints." };
    readonly Option<int> keepCheckpoints = new("--keep-checkpoints") { DefaultValueFactory = _ => Defaults.KeepCheckpoints, Description = "The newest checkpoints that are kept while training." };

    /// <param name="command">Gets the options.</param>
    public TrainingArguments(Command command)
    {
        foreach (var option in (Option[])[steps, batchSize, accumulate, learningRate, warmup, schedule, weightDecay, depthDecay, unfreezeEvery, clipNorm, labelSmoothing, averageDecay, precision, evaluateEvery, patience, shuffleBuffer, seed, checkpointEvery, keepCheckpoints])
        {
            command.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    public TrainingOptions Read(ParseResult arguments) => new()
    {
        Steps = arguments.GetValue(steps),
        BatchSize = arguments.GetValue(batchSize),
        Accumulate = arguments.GetValue(accumulate),
        LearningRate = arguments.GetValue(learningRate),
        Warmup = arguments.GetValue(warmup),
        Schedule = Enum.Parse<Schedule>(arguments.GetRequiredValue(schedule), ignoreCase: true),
        WeightDecay = arguments.GetValue(weightDecay),
        DepthDecay = arguments.GetValue(depthDecay),
        UnfreezeEvery = arguments.GetValue(unfreezeEvery),
        ClipNorm = arguments.GetValue(clipNorm),
        LabelSmoothing = arguments.GetValue(labelSmoothing),
        AverageDecay = arguments.GetValue(averageDecay),
        Precision = PrecisionNamed(arguments.GetRequiredValue(precision)),
        EvaluateEvery = arguments.GetValue(evaluateEvery),
        Patience = arguments.GetValue(patience),
        ShuffleBuffer = arguments.GetValue(shuffleBuffer),
        Seed = arguments.GetValue(seed),
        CheckpointEvery = arguments.GetValue(checkpointEvery),
        KeepCheckpoints = arguments.GetValue(keepCheckpoints),
    };

    /// <summary><c>--precision</c> of every command that trains.</summary>
    public static Option<string> PrecisionOption() =>
        new Option<string>("--precision") { DefaultValueFactory = _ => Name(Defaults.Precision), Description = "Of matrix products; weights are float32 always." }.Among(Enum.GetNames<Precision>().Select(Lower));

    /// <summary>What <see cref="PrecisionOption"/> was given.</summary>
    public static Precision PrecisionNamed(string name) => Enum.Parse<Precision>(name, ignoreCase: true);

    static string Name<T>(T value) where T : struct, Enum => Lower(value.ToString());

    static string Lower(string name) => name.ToLowerInvariant();
}
