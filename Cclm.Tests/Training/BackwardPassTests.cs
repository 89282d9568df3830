using System.Collections.Concurrent;
using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Batches are dealt to threads; that their gradients are those of the whole is a law of each task (<see cref="PretrainerTests"/>).</summary>
[Parallelizable]
public sealed class BackwardPassTests : TorchFixture
{
    static readonly string[] Texts = [.. Enumerable.Range(0, 40).Select(i => SmallParts.Text(3 + (i % 30), new Random(i)))];
    static readonly TrainingOptions Options = new() { Steps = 3, BatchSize = 13, LearningRate = 5e-3, ReportEvery = 1 };

    [TestCase(1, 8, new long[] { 8 })]
    [TestCase(1, 13, new long[] { 6, 7 })]          // few at a time
    [TestCase(1, 40, new long[] { 8, 8, 8, 8, 8 })]
    [TestCase(2, 13, new long[] { 6, 7 })]
    [TestCase(2, 17, new long[] { 4, 4, 4, 5 })]    // each thread has as many parts
    [TestCase(5, 13, new long[] { 2, 2, 3, 3, 3 })]
    [TestCase(5, 4, new long[] { 4 })]              // fewer than threads
    [TestCase(4, 4, new long[] { 1, 1, 1, 1 })]
    public void RowsAreDealtToAsManyThreadsAsThereAre(int threads, int rows, long[] dealt)
    {
        using var run = new Run();
        run.Train(threads, Options with { BatchSize = rows, Steps = 1 });
        var read = run.Tower.Read.Where(part => part.Training).ToList();
        var parts = read.Skip(dealt.Length > 1 ? 1 : 0).ToList();           // one text goes through in vain first
        Assert.That(parts.Select(part => part.Rows).Order(), Is.EqualTo(dealt));
        Assert.That(parts.Select(part => part.Thread).Distinct().Count(), Is.EqualTo(Math.Min(threads, dealt.Length)));
    }

    [TestCase(Parts.Embedder), TestCase(Parts.Tower), TestCase(Parts.Embedder | Parts.Tower)]
    public void FrozenPartsKeepTheirBytesInSeveralThreadsToo(Parts frozen)
    {
        using var run = new Run();
        var (embedder, tower) = (run.Embedder.WeightsHash(), run.Tower.WeightsHash());
        run.Pretrainer.Freeze(frozen);
        var losses = run.Train(2, Options with { Steps = 12 }).Losses;
        Assert.That(run.Embedder.WeightsHash() == embedder, Is.EqualTo(frozen.HasFlag(Parts.Embedder)));
        Assert.That(run.Tower.WeightsHash() == tower, Is.EqualTo(frozen.HasFlag(Parts.Tower)));
        Assert.That(losses[^1], Is.LessThan(losses[0]), "The head learns.");
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

    [TestCaseSource(nameof(BrokenNames))]
    public void WhatATowerDoesWrongIsAnErrorAndTheNextRunGoesOn(string name)
    {
        using var run = new Run();
        run.Tower.Act = Broken[name].Act;
        Assert.That(() => run.Train(2, Options), Throws.Exception.With.Message.Contains(Broken[name].Message));
        run.Tower.Act = x => x;
        Assert.That(run.Train(2, Options).Steps, Is.EqualTo(Options.Steps));
    }

    sealed class Run : IDisposable
    {
        public Run()
        {
            Embedder = SmallParts.Embedder();
            Tower = new(Embedder);
            Pretrainer = new("t", SmallParts.Preprocessor, Embedder, Tower);
        }

        public ConvEmbedder Embedder { get; }
        public Watched Tower { get; }
        public CharacterMaskPretrainer Pretrainer { get; }

        public TrainingResult Train(int threads, TrainingOptions options)
        {
            set_num_threads(threads);
            try
            {
                return Pretrainer.Train(Texts, options);
            }
            finally
            {
                set_num_threads(1);
            }
        }

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
