using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>What each option of a run does, and how a run ends that goes wrong.</summary>
[Parallelizable]
public sealed class LoopTests : TorchFixture
{
    static readonly TrainingOptions Options = new() { Steps = 40, BatchSize = 6, LearningRate = 3e-3, ReportEvery = 5 };

    // Halfway between warm-up and end a cosine and a line meet.
    [TestCase(Schedule.Cosine, 0, 0.1 / 11)]
    [TestCase(Schedule.Cosine, 5, 0.1 * 6 / 11)]
    [TestCase(Schedule.Cosine, 10, 0.1)]
    [TestCase(Schedule.Cosine, 55, 0.05)]
    [TestCase(Schedule.Cosine, 85, 0.1 * 0.0669872981077807)]       // (1 + cos(150 degrees)) / 2
    [TestCase(Schedule.Linear, 55, 0.05)]
    [TestCase(Schedule.Linear, 91, 0.01)]
    [TestCase(Schedule.Constant, 5, 0.1 * 6 / 11)]
    [TestCase(Schedule.Constant, 99, 0.1)]
    public void TheLearningRateFollowsItsSchedule(Schedule schedule, int step, double expected) =>
        Assert.That(new TrainingOptions { Steps = 100, Warmup = 0.1, LearningRate = 0.1, Schedule = schedule }.LearningRateAt(step), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void TwoHalfBatchesTeachWhatOneWholeBatchTeaches()
    {
        // One target a text and no chance: then the mean of the halves' gradients is the whole's. One block of rows is one step.
        string[] rows = [.. Enumerable.Range(0, 12).Select(i => SmallParts.Text(9, new Random(i)))];
        using Classifier whole = new(dropout: 0), halves = new(dropout: 0);
        var losses = (whole.Train(rows, Options with { Steps = 1, BatchSize = 12 }).Losses[0], halves.Train(rows, Options with { Steps = 1, BatchSize = 6, Accumulate = 2 }).Losses[0]);
        Assert.That(losses.Item2, Is.EqualTo(losses.Item1).Within(1e-6));
        // Adam's first step is the gradient's sign: where a gradient is nothing but rounding, so is its step.
        Assert.That(halves.Weights.sub(whole.Weights).abs().gt(Scalars.Kept(1e-6)).to(ScalarType.Float32).mean().item<float>(), Is.LessThan(0.01));
    }

    [Test]
    public void NothingThatLibtorchReadsIsFreedByTheGarbageCollector()
    {
        string[] rows = [.. Enumerable.Range(0, 12).Select(i => SmallParts.Text(9, new Random(i)))];
        using Classifier calm = new(), disturbed = new();
        var expected = calm.Train(rows, Options with { Steps = 300 }).Losses;
        using var done = new CancellationTokenSource();
        var collector = Task.Factory.StartNew(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        }, TaskCreationOptions.LongRunning);
        try
        {
            Assert.That(disturbed.Train(rows, Options with { Steps = 300 }).Losses, Is.EqualTo(expected));
        }
        finally
        {
            done.Cancel();
            collector.Wait();
        }
    }

    [Test]
    public void TheAverageIsTheExponentialMovingAverageOfTheWeights()
    {
        using var linear = nn.Linear(3, 2);
        using var optimizer = new FlatParameters([new([.. linear.parameters()])], averageDecay: 0.7);
        var expected = optimizer.Values.clone();
        for (var step = 1; step <= 30; step++)
        {
            linear.call(ones(1, 3).mul(Scalars.Kept(step))).sum().backward();
            optimizer.Step(0.01, 0, 1);
            expected = expected.lerp(optimizer.Values.detach(), 1 - Math.Min(0.7, (1.0 + step) / (10.0 + step)));
        }
        Assert.That(optimizer.Averaged.sub(expected).abs().max().item<float>(), Is.LessThan(1e-6));
        var last = optimizer.Values.clone();
        Assert.That(optimizer.WithAverage(() => Same(optimizer.Values, optimizer.Averaged)), Is.True, "The average stands in for the weights,");
        Assert.That(Same(optimizer.Values, last), Is.True, "and the weights come back.");
        Assert.That(Same(optimizer.Averaged, last), Is.False);
    }

    [Test]
    public void TheBestWeightsAreKeptAndARunThatGetsNoBetterEnds()
    {
        using var run = new Classifier();
        var told = new List<TrainingProgress>();
        var result = run.Train(Texts, Options with { Steps = 400, LearningRate = 0.3, Schedule = Schedule.Constant, EvaluateEvery = 4, Patience = 3 }, told);
        var evaluations = told.Where(progress => progress.HeldOut is not null).ToList();
        var best = evaluations.MinBy(progress => progress.HeldOut!.Loss)!;
        Assert.That((result.End, result.BestStep), Is.EqualTo((RunEnd.StoppedEarly, (int?)best.Step)));
        Assert.That(result.Steps, Is.EqualTo(best.Step + 12), "Three evaluations after the best one.");
        Assert.That(run.Evaluate(), Is.EqualTo(best.HeldOut!.Loss).Within(1e-6));
    }

    [Test]
    public void SmoothedTargetsAreForTrainingOnly()
    {
        using Classifier plain = new(), smoothed = new();
        // One step from the same weights: its loss is read before the weights change, and the evaluation of it is none of smoothing's.
        var once = Options with { Steps = 1, LearningRate = 1e-9 };
        var losses = (Plain: plain.Train(Texts, once).Losses[0], Smoothed: smoothed.Train(Texts, once with { LabelSmoothing = 0.5 }).Losses[0]);
        Assert.That(losses.Smoothed, Is.Not.EqualTo(losses.Plain).Within(1e-3));
        Assert.That(smoothed.Evaluate(), Is.EqualTo(plain.Evaluate()).Within(1e-5));
    }

    [Test]
    public void Bfloat16LearnsAlmostTheSameAndKeepsFloat32Weights()
    {
        using Classifier full = new(dropout: 0), half = new(dropout: 0);
        var losses = (Full: full.Train(Texts, Options).Losses, Half: half.Train(Texts, Options with { Precision = Precision.BFloat16 }).Losses);
        Assert.That(losses.Half, Is.Not.EqualTo(losses.Full), "Products are rounded,");
        Assert.That(losses.Half.Zip(losses.Full, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(0.05), "by little.");
        Assert.That(half.Parts.SelectMany(part => part.parameters()).Select(parameter => parameter.dtype), Is.All.EqualTo(ScalarType.Float32));
        Assert.That(half.Weights.isfinite().all().item<bool>(), Is.True);
    }

    [Test]
    public void ALossThatExplodesEndsTheRunWithTheWeightsBefore()
    {
        using var run = new Classifier();
        var error = Assert.Throws<TrainingException>(() => run.Train(Texts, Options with { LearningRate = 9.9, Warmup = 0, ClipNorm = 1e9, Schedule = Schedule.Constant }))!;
        Assert.That(error.Message, Does.Match(@"The loss is .* at step \d+, on a batch of the rows \d+, .* \(counted from 0, .*\); it began at 3\.\d+\. The weights are those of step 0").And.Contain("lower the learning rate (9.9)"));
        Assert.That(run.Weights.isfinite().all().item<bool>(), Is.True);
        Assert.That(double.IsFinite(run.Evaluate()), Is.True);
    }

    [Test]
    public void AnOptionThatMakesNoSenseIsNamed()
    {
        foreach (var (options, expected) in (ReadOnlySpan<(TrainingOptions, string)>)
            [(Options with { Accumulate = 0 }, "Accumulate is 0"), (Options with { AverageDecay = 1 }, "AverageDecay is 1"), (Options with { LabelSmoothing = -0.1 }, "LabelSmoothing"),
             (Options with { Patience = 2 }, "without evaluations"), (Options with { ShuffleBuffer = 0 }, "ShuffleBuffer"), (Options with { CheckpointEvery = 0 }, "CheckpointEvery"),
             (Options with { KeepCheckpoints = 0 }, "KeepCheckpoints"), (Options with { EvaluateEvery = -1 }, "EvaluateEvery")])
        {
            Assert.That(options.Check, Throws.ArgumentException.With.Message.Contains(expected));
        }
    }

    static bool Same(Tensor a, Tensor b) => a.sub(b).abs().max().item<float>() == 0;

    static readonly string[] Texts = [.. Enumerable.Range(0, 60).Select(i => SmallParts.Text(3 + (i % 15), new Random(i)))];

    /// <summary>Tells a text's first letter among the letters there are.</summary>
    sealed class Classifier : IDisposable
    {
        readonly CategoricalPretrainer pretrainer;
        readonly ConvEmbedder embedder;
        readonly TransformerTower tower;

        public Classifier(double dropout = 0.1)
        {
            random.manual_seed(1);
            embedder = new(SmallParts.EmbedderOptions with { Dropout = dropout });
            tower = new(embedder, SmallParts.TowerOptions with { Dropout = dropout });
            pretrainer = new("t", SmallParts.Preprocessor, embedder, tower, [.. SmallParts.Characters.Select(letter => letter.ToString())]);
        }

        public IEnumerable<nn.Module> Parts => [embedder, tower];

        /// <summary>All weights of embedder and tower, [N].</summary>
        public Tensor Weights => cat([.. Parts.SelectMany(part => part.parameters()).Select(parameter => parameter.detach().flatten())]);

        public TrainingResult Train(IEnumerable<string> texts, TrainingOptions options, List<TrainingProgress>? told = null) =>
            pretrainer.Train(Labelled(texts), options, heldOut: Labelled(Texts.Take(10)), progress: new Listed(told ?? []));

        public double Evaluate() => pretrainer.Evaluate(Labelled(Texts.Take(10)), Options).Loss;

        public void Dispose()
        {
            pretrainer.Dispose();
            tower.Dispose();
            embedder.Dispose();
        }

        static IReadOnlyList<LabelledText> Labelled(IEnumerable<string> texts) => [.. texts.Select(text => new LabelledText(text[..1], text))];

        sealed class Listed(List<TrainingProgress> told) : IProgress<TrainingProgress>
        {
            public void Report(TrainingProgress value) => told.Add(value);
        }
    }
}
