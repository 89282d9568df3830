using System.Collections.Concurrent;
using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Cclm.Tests.Training;

/// <summary>Batches are dealt to threads; that their gradients are those of the whole is a law of each task (<see cref="PretrainerTests"/>).</summary>
[Parallelizable]
public sealed class BackwardPassTests : TorchFixture
{
    static readonly string[] Texts = [.. Enumerable.Range(0, 40).Select(i => SmallParts.Text(3 + (i % 30), new Random(i)))];
    static readonly TrainingOptions Options = new() { Steps = 3, BatchSize = 13, LearningRate = 5e-3, ReportEvery = 1 };

    [TestCase(true, 1, 8, new long[] { 8 })]
    [TestCase(true, 1, 13, new long[] { 6, 7 })]            // few at a time
    [TestCase(true, 1, 40, new long[] { 8, 8, 8, 8, 8 })]
    [TestCase(true, 2, 13, new long[] { 6, 7 })]
    [TestCase(true, 2, 17, new long[] { 4, 4, 4, 5 })]      // each thread has as many parts
    [TestCase(true, 5, 13, new long[] { 2, 2, 3, 3, 3 })]
    [TestCase(true, 5, 4, new long[] { 4 })]                // fewer than threads
    [TestCase(true, 4, 4, new long[] { 1, 1, 1, 1 })]
    [TestCase(false, 1, 13, new long[] { 13 })]
    [TestCase(false, 2, 17, new long[] { 8, 9 })]
    [TestCase(false, 5, 4, new long[] { 4 })]
    public void RowsAreDealtToAsManyThreadsAsThereAre(bool apart, int threads, int rows, long[] dealt)
    {
        using var run = new Run(apart);
        run.Train(threads, Options with { BatchSize = rows, Steps = 1 });
        var parts = run.Tower.Read.Where(part => part.Training).Skip(1).ToList();       // one text goes through in vain first
        Assert.That(parts.Select(part => part.Rows).Order(), Is.EqualTo(dealt));
        Assert.That(parts.Select(part => part.Thread).Distinct().Count(), Is.EqualTo(Math.Min(threads, dealt.Length)));
    }

    [Test]
    public void FrozenPartsKeepTheirBytesInSeveralThreadsToo([Values(Parts.Embedder, Parts.Tower, Parts.Embedder | Parts.Tower)] Parts frozen, [Values] bool apart)
    {
        using var run = new Run(apart);
        var (embedder, tower) = (run.Embedder.WeightsHash(), run.Tower.WeightsHash());
        run.Pretrainer.Freeze(frozen);
        var losses = run.Train(2, Options with { Steps = 12 }).Losses;
        Assert.That(run.Embedder.WeightsHash() == embedder, Is.EqualTo(frozen.HasFlag(Parts.Embedder)));
        Assert.That(run.Tower.WeightsHash() == tower, Is.EqualTo(frozen.HasFlag(Parts.Tower)));
        Assert.That(losses[^1], Is.LessThan(losses[0]), "The head learns.");
    }

    /// <summary>Nothing is asked of an empty text: some parts ask nothing, one of them the first.</summary>
    [TestCase(1, Precision.Float32, 1e-5), TestCase(3, Precision.Float32, 1e-5), TestCase(2, Precision.BFloat16, 2e-2)]
    public void PartsCountByWhatTheyAsk(int threads, Precision precision, double within)
    {
        using var run = new Run(apart: true);
        using var scope = NewDisposeScope();
        using var parameters = new FlatParameters([new([.. TaskRun.Parameters([run.Pretrainer.On(Cclm.Training.Data.RowSource.Of(Texts))]).SelectMany(part => part)])]);
        var batch = Batch.Of([.. Enumerable.Repeat("", 9).Concat(Texts.Take(14)).Concat(["", " "]).Select((text, i) => run.Pretrainer.Example(text, new Random(i)))]);
        run.Pretrainer.SetTraining(true);
        Assert.That(run.Pretrainer.LossOf(run.Pretrainer.Read(batch, 0, 9), batch.Slice(0, 9), 0).Asked, Is.Zero);
        float[] Taken()
        {
            float[] gradients = [.. parameters.WholeGradients().data<float>()];
            parameters.Forget();
            return gradients;
        }
        Tensor whole;
        using (MixedPrecision.Use(precision))
        using (DropoutChance.Use(1, 0, batch.Texts))
        {
            whole = run.Pretrainer.LossOf(run.Pretrainer.Read(batch), batch, 0).Loss;
            whole.backward();
        }
        var expected = Taken();
        var loss = WithThreads(threads, () =>
        {
            using var backward = new BackwardPass(parameters, Options with { Precision = precision });
            return backward.Run(run.Pretrainer, batch, seed: 1, share: 1).item<float>();
        });
        Assert.That(loss, Is.EqualTo(whole.item<float>()).Within(within));
        var gradients = Taken();
        Assert.That(TensorPrimitives.Distance<float>(gradients, expected) / TensorPrimitives.Norm<float>(expected), Is.LessThan(within));
    }

    [Test]
    public void ExamplesOfSeveralTextsAreNoneToTakeApart()
    {
        var batch = Batch.Of([new Example([[1, 2], [3]], [0]), new Example([[4], [5]], [1])]);
        Assert.That(() => batch.Slice(0, 1), Throws.InvalidOperationException.With.Message.Contains("2 examples has 4 texts"));
    }

    static readonly Dictionary<string, (string Message, Func<Tensor, Tensor> Act)> Broken = new()
    {
        ["an error of its own"] = ("of the tower's own", _ => throw new InvalidOperationException("of the tower's own")),
        ["what backward needs is changed"] = ("inplace operation", ExpChangedInPlace),
    };

    static Tensor ExpChangedInPlace(Tensor x)
    {
        var y = x.exp();
        return y.add_(y, Scalars.One);
    }

    static IEnumerable<string> BrokenNames => Broken.Keys;

    [Test]
    public void WhatATowerDoesWrongIsAnErrorAndTheNextRunGoesOn([ValueSource(nameof(BrokenNames))] string name, [Values] bool apart, [Values(1, 2)] int threads)
    {
        using var run = new Run(apart);
        run.Tower.Act = Broken[name].Act;
        Assert.That(() => run.Train(threads, Options), Throws.Exception.With.Message.Contains(Broken[name].Message));
        run.Tower.Act = x => x;
        Assert.That(run.Train(threads, Options).Steps, Is.EqualTo(Options.Steps));
    }

    sealed class Run : IDisposable
    {
        public Run(bool apart)
        {
            Embedder = SmallParts.Embedder();
            Tower = new(Embedder);
            Pretrainer = apart ? new CharacterMaskPretrainer("t", SmallParts.Preprocessor, Embedder, Tower) : new LastLetterPretrainer(Embedder, Tower);
        }

        public ConvEmbedder Embedder { get; }
        public Watched Tower { get; }
        public Pretrainer<string> Pretrainer { get; }

        public TrainingResult Train(int threads, TrainingOptions options) => WithThreads(threads, () => Pretrainer.Train(Texts, options));

        public void Dispose()
        {
            Pretrainer.Dispose();
            Tower.Dispose();
            Embedder.Dispose();
        }
    }

    sealed record WatchedOptions;

    /// <summary>A linear map that notes who asks it for what.</summary>
    sealed class Watched : Tower
    {
        readonly TorchSharp.Modules.Linear map;

        public Watched(Embedder embedder) : base(embedder, width: 7, new WatchedOptions())
        {
            map = nn.Linear(embedder.Width, Width);
            RegisterComponents();
        }

        public ConcurrentQueue<(long Rows, string? Thread, bool Training)> Read { get; } = [];

        public Func<Tensor, Tensor> Act { get; set; } = x => x;

        public override Value forward(Value x)
        {
            if (x is Value.Torch seen)
            {
                Read.Enqueue((seen.Tensor.shape[0], Thread.CurrentThread.Name, training));
            }
            return map.call(x).Op(Act, (_, edge) => edge);
        }
    }
}
