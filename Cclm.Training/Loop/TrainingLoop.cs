using System.Diagnostics;
using Cclm.Inference;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>One run: steps on batches, with reports, evaluations and checkpoints between them.</summary>
/// <remarks>
/// A step is a function of the weights, the optimizer's state, the seed and the step's number alone: chance is drawn anew for
/// each from the last two. So what a checkpoint holds is all there is, and a run that goes on ends as one that was never stopped.
/// </remarks>
sealed partial class TrainingLoop : IDisposable
{
    const double Exploded = 10;             // times the loss that the task began with
    const long WeightsAStep = 1_000_000;    // that are looked at beside a step's own work

    readonly IReadOnlyList<TaskRun> tasks;
    readonly TrainingOptions options;
    readonly RunFolder? folder;
    readonly Ranks ranks = Ranks.Current;
    readonly FlatParameters optimizer;
    readonly BackwardPass backward;
    readonly Tensor window, good, best;                 // [steps between reports], [N], [N]
    readonly IReadOnlyList<(string Key, Tensor Now, Tensor Best)> statistics;       // what layers measure while they train, such as means
    readonly Queue<IReadOnlyList<long>> trained = [];   // the rows of the window's steps
    readonly Stopwatch clock = Stopwatch.StartNew();
    double before;
    int firstStep, goodStep;
    readonly List<double> losses = [];
    long characters;
    RunState state;

    public TrainingLoop(IReadOnlyList<TaskRun> tasks, TrainingOptions options, RunFolder? folder)
    {
        (this.tasks, this.options, this.folder) = (tasks, options, folder);
        optimizer = new(options.Groups(TaskRun.Parameters(tasks)), options.AverageDecay);
        (window, good, best) = (zeros(options.ReportEvery, device: optimizer.Values.device), optimizer.Values.clone(), optimizer.Values.clone());
        statistics = [.. TrainedModules.SelectMany(part => part.Module.named_buffers().Select(entry => ($"{part.Name}.{entry.name}", entry.buffer, entry.buffer.clone())))];
        state = new() { Identity = Identity(), TrainsEmbedder = !Embedder.Frozen, Options = options, Model = folder?.Model, Positions = new DataPosition[tasks.Count], FirstLosses = new double?[tasks.Count] };
        backward = new(optimizer, options);
    }

    /// <summary>Takes the run up where its folder has it, or at its begin.</summary>
    void TakeUp()
    {
        if (folder?.Newest() is { } checkpoint)
        {
            Restore(checkpoint);
        }
        else
        {
            Save();                     // a disk that is full shows before the first step
        }
        CheckRanks();
        (before, firstStep, goodStep) = (state.Seconds, state.Step, state.Step);
    }

    public TrainingResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        TakeUp();
        using var memory = NativeMemory.KeepFreedBlocks();
        SetTraining(true);
        var batches = tasks.Select((task, i) => task.Batches(state.Positions[i], options).GetEnumerator()).ToList();
        try
        {
            while (!state.Finished && !ranks.Any(cancellation.IsCancellationRequested))
            {
                Step(batches);
                if (ReportedAt(state.Step))
                {
                    Report(progress);
                }
                if (state.Step % options.CheckpointEvery == 0 && !state.Finished)
                {
                    Save();
                }
            }
        }
        finally
        {
            batches.ForEach(stream => stream.Dispose());
            SetTraining(false);
        }
        if (state.Step > firstStep)
        {
            Save();
        }
        if (state.Finished)
        {
            KeepTheBest();
        }
        return new(state.Step, losses, state.StoppedEarly ? RunEnd.StoppedEarly : state.Finished ? RunEnd.Completed : RunEnd.Cancelled, TimeSpan.FromSeconds(Seconds), state.BestStep);
    }

    public void Dispose()
    {
        foreach (var tensor in (ReadOnlySpan<Tensor>)[window, good, best, .. statistics.Select(entry => entry.Best)])
        {
            tensor.Dispose();
        }
        backward.Dispose();
        optimizer.Dispose();
    }

    /// <summary>Whether the weights to come back to are to be those of now: of a large model not at every report, as looking at all of it takes the time of a step.</summary>
    bool GoodIsOld => state.Step - goodStep >= optimizer.Values.numel() / WeightsAStep || state.Step == options.Steps;

    double Seconds => before + clock.Elapsed.TotalSeconds;

    Embedder Embedder => tasks[0].Pretrainer.Embedder;

    IEnumerable<(string Name, nn.Module Module)> Modules => TaskRun.Modules(tasks);

    IEnumerable<(string Name, nn.Module Module)> TrainedModules => Modules.Where(part => part.Module is not Layer { Frozen: true });

    void SetTraining(bool training)
    {
        foreach (var task in tasks)
        {
            task.Pretrainer.SetTraining(training);
        }
    }

    /// <summary>The task of a step, drawn by the tasks' weights: a pure function of seed and step.</summary>
    internal int TaskOf(int step)
    {
        var drawn = Randomness.For(options.Seed, step).NextDouble() * tasks.Sum(task => task.Weight);
        var last = 0;
        while (last < tasks.Count - 1 && (drawn -= tasks[last].Weight) >= 0)
        {
            last++;
        }
        return last;
    }

    void Step(List<IEnumerator<(Batch Batch, DataPosition Next)>> streams)
    {
        var task = TaskOf(state.Step);
        var batches = streams[task];
        using var scope = NewDisposeScope();
        var numbers = new List<long>();
        var loss = window.narrow(0, state.Step - state.Reported, 1);
        for (var i = 0; i < options.Accumulate; i++)
        {
            using var activations = NewDisposeScope();
            batches.MoveNext();
            numbers.AddRange(batches.Current.Batch.Numbers);
            if (!ranks.Does(i))
            {
                continue;
            }
            var part = backward.Run(tasks[task].Pretrainer, batches.Current.Batch, Randomness.Seed(options.Seed, ((long)state.Step * options.Accumulate) + i), 1.0 / options.Accumulate);
            using var frozen = no_grad();
            loss.add_(part, Scalars.One);
            characters += batches.Current.Batch.Characters;
        }
        if (ranks.Count > 1)
        {
            ranks.Sum(optimizer.WholeGradients());
        }
        ranks.Sum(loss);
        optimizer.Step(options.LearningRateAt(state.Step), options.WeightDecay, options.ClipNorm);
        trained.Enqueue(numbers);
        state = state with { Step = state.Step + 1, Positions = [.. state.Positions.Select((position, i) => i == task ? batches.Current.Next : position)] };
    }

    bool ReportedAt(int step) => step == options.Steps || step % options.ReportEvery == 0 || EvaluatedAt(step);

    bool EvaluatedAt(int step) => tasks.All(task => task.HasHeldOut) && options.EvaluateEvery > 0 && (step % options.EvaluateEvery == 0 || step == options.Steps);

    void Report(IProgress<TrainingProgress>? progress)
    {
        CheckWindow();
        using (no_grad())
        {
            losses.Add(window.sum().item<float>() / trained.Count);
            window.zero_();
            trained.Clear();
            if (GoodIsOld)
            {
                good.copy_(optimizer.Values);
                goodStep = state.Step;
            }
        }
        state = state with { Reported = state.Step };
        var evaluation = EvaluatedAt(state.Step) ? Evaluate() : null;
        var speed = clock.Elapsed / (state.Step - firstStep);
        progress?.Report(new(state.Step, options.Steps, losses[^1], options.LearningRateAt(state.Step - 1), ranks.Count * characters / clock.Elapsed.TotalSeconds,
            TimeSpan.FromSeconds(Seconds), speed * (options.Steps - state.Step), Environment.WorkingSet, evaluation));
    }

    Evaluation Evaluate()
    {
        try
        {
            var evaluation = optimizer.WithAverage(() => TaskRun.Evaluate(tasks, options));
            evaluation = evaluation with { Loss = ranks.OfFirst(evaluation.Loss) };     // what all decide by
            var better = evaluation.Loss < state.BestLoss;
            if (better)
            {
                using var frozen = no_grad();
                best.copy_(optimizer.Averaged);
                foreach (var (_, now, kept) in statistics)
                {
                    kept.copy_(now);
                }
            }
            state = better
                ? state with { BestLoss = evaluation.Loss, BestStep = state.Step, WithoutImprovement = 0 }
                : state with { WithoutImprovement = state.WithoutImprovement + 1 };
            return evaluation;
        }
        finally
        {
            SetTraining(true);
        }
    }

    /// <summary>Ends the run when the loss is no number or far above where its task began; the weights are then those of the last report.</summary>
    void CheckWindow()
    {
        using var scope = NewDisposeScope();
        var steps = window.narrow(0, 0, trained.Count).cpu().data<float>().ToArray();
        var (first, lost) = (state.FirstLosses.ToArray(), -1);
        for (var i = 0; i < steps.Length && lost < 0; i++)
        {
            var begin = first[TaskOf(state.Step - trained.Count + i)] ??= steps[i];
            lost = !float.IsFinite(steps[i]) || steps[i] > Exploded * Math.Max(1, begin) ? i : -1;
        }
        if (lost < 0 && (!GoodIsOld || optimizer.Values.sum().isfinite().item<bool>()))         // of a weight that is not, so is the sum
        {
            state = state with { FirstLosses = first };
            return;
        }
        lost = lost < 0 ? trained.Count - 1 : lost;
        var (step, numbers) = (state.Step - trained.Count + lost + 1, trained.ElementAt(lost));
        var began = first[TaskOf(step - 1)];
        using var frozen = no_grad();
        optimizer.Values.copy_(good);
        throw new TrainingException(
            $"The loss is {steps[lost]} at step {step}, on a batch of the rows {string.Join(", ", numbers.Take(8))}{(numbers.Count > 8 ? ", .." : "")} (counted from 0, several files in the order of this epoch)" +
            $"{(began is { } loss && double.IsFinite(loss) ? $"; it began at {loss:F3}" : "")}. The weights are those of step {goodStep} again. " +
            $"Look at those rows, lower the learning rate ({options.LearningRate}), or lengthen the warm-up ({options.Warmup}).");
    }

    void KeepTheBest()
    {
        using var frozen = no_grad();
        if (state.BestStep is null)
        {
            optimizer.Values.copy_(optimizer.Averaged);
            return;
        }
        optimizer.Values.copy_(best);
        foreach (var (_, now, kept) in statistics)
        {
            now.copy_(kept);
        }
    }
}
