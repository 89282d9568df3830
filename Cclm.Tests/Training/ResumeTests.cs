using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>A run that is stopped anywhere and gone on with ends as one that was never stopped, to the bit.</summary>
[TestFixture(1), TestFixture(2)]
[Parallelizable]
public sealed class ResumeTests(int threads) : TorchFixture
{
    const int Rows = 53;

    static readonly TrainingOptions Plain = new() { Steps = 23, BatchSize = 7, LearningRate = 5e-3, ReportEvery = 4, CheckpointEvery = 5 };

    static readonly Dictionary<string, TrainingOptions> Options = new()
    {
        ["plain"] = Plain,
        ["accumulated batches"] = Plain with { Accumulate = 3 },
        ["averaged weights"] = Plain with { AverageDecay = 0.9 },
        ["evaluated while training"] = Plain with { EvaluateEvery = 3 },
        ["stopped early"] = Plain with { EvaluateEvery = 2, Patience = 2, LearningRate = 0.5, Schedule = Schedule.Constant },
        ["all at once"] = Plain with { Accumulate = 2, AverageDecay = 0.9, EvaluateEvery = 5, LabelSmoothing = 0.1, Schedule = Schedule.Linear, Precision = Precision.BFloat16, KeepCheckpoints = 1 },
        ["small shuffle buffer"] = Plain with { ShuffleBuffer = 17 },
    };

    [OneTimeSetUp]
    public void Threads() => set_num_threads(threads);

    static IEnumerable<TestCaseData> Cases => Options.Keys.SelectMany(name => (TestCaseData[])
    [
        new TestCaseData(name, (int[])[1, 4, 12]).SetArgDisplayNames(name, "1,4,12"),
        new TestCaseData(name, (int[])[3, 8, 20, 22]).SetArgDisplayNames(name, "3,8,20,22"),
    ]);

    /// <summary>Batches of 13, 13, 1 and 13 rows: each kind of batch is the first of some run.</summary>
    [Test]
    public void OneThatWasStoppedBetweenBatchesOfDifferentSizesToo([Values] bool apart, [Values(1, 2, 3)] int stop)
    {
        var options = Plain with { Steps = 6, BatchSize = 13, Accumulate = 2, ReportEvery = 1 };
        TrainingResult Train(RunFolder folder, int until, out string hash)
        {
            using var embedder = SmallParts.Embedder();
            using var tower = SmallParts.Tower(embedder);
            using var pretrainer = new LastLetterPretrainer(embedder, tower) { Apart = apart };
            using var cancellation = new CancellationTokenSource();
            var result = pretrainer.Train([.. Run.Data.Take(40)], options, folder: folder, progress: new StopAt(until, cancellation), cancellation: cancellation.Token);
            hash = $"{embedder.WeightsHash()} {tower.WeightsHash()}";
            return result;
        }
        using TempFolder whole = new(), cut = new();
        var expected = Train(new(whole.Path), int.MaxValue, out var weights);
        Assert.That(Train(new(cut.Path), stop, out _).Steps, Is.EqualTo(stop));
        Assert.That(Train(new(cut.Path), int.MaxValue, out var goneOn).Losses, Is.EqualTo(expected.Losses));
        Assert.That(goneOn, Is.EqualTo(weights));
    }

    [TestCaseSource(nameof(Cases))]
    public void ARunThatWasStoppedEndsAsOneThatWasNot(string name, int[] stops)
    {
        using TempFolder whole = new(), cut = new();
        using var uncut = new Run(new(whole.Path));
        var expected = uncut.Train(Options[name]);

        TrainingResult? result = null;
        foreach (var (stop, seed) in stops.Append(int.MaxValue).Select((stop, i) => (stop, seed: i == 0 ? 1 : 10 + i)))
        {
            using var part = new Run(new(cut.Path), seed);      // other weights at each start: all comes from the checkpoint
            result = part.Train(Options[name], stop);
            if (stop < result.Steps)
            {
                Assert.Fail($"It was to stop at step {stop} and went on to {result.Steps}.");
            }
            if (stop == int.MaxValue)
            {
                Assert.That(part.Hashes, Is.EqualTo(uncut.Hashes));
            }
        }
        Assert.That(result!.Losses, Is.EqualTo(expected.Losses));
        Assert.That((result.Steps, result.End, result.BestStep), Is.EqualTo((expected.Steps, expected.End, expected.BestStep)));
    }

    [Test]
    public void AFinishedRunHasNothingLeftToDoAndGoesOnWhenItIsGivenMoreSteps()
    {
        using var folder = new TempFolder();
        using Run first = new(new(folder.Path)), again = new(new(folder.Path), 2), longer = new(new(folder.Path), 3);
        first.Train(Plain);
        Assert.That((again.Train(Plain).Steps, again.Hashes), Is.EqualTo((Plain.Steps, first.Hashes)));
        Assert.That(longer.Train(Plain with { Steps = 30 }).Steps, Is.EqualTo(30));
        Assert.That(longer.Hashes, Is.Not.EqualTo(first.Hashes));
    }

    [Test]
    public void OnlyTheNewestCheckpointsAreKeptAndADamagedOneIsNotTakenForARun()
    {
        using var folder = new TempFolder();
        var options = Plain with { KeepCheckpoints = 3 };
        using Run run = new(new(folder.Path)), uncut = new(null);
        run.Train(options, stopAfter: 22);
        uncut.Train(options);
        string[] files = [.. Directory.GetFiles(folder["checkpoints"]).Order(StringComparer.Ordinal)];
        Assert.That(files.Select(Path.GetFileName), Is.EqualTo((string[])["step-000000015.safetensors", "step-000000020.safetensors", "step-000000022.safetensors"]));

        File.WriteAllBytes(files[^1], File.ReadAllBytes(files[^1])[..1000]);
        using Run damaged = new(new(folder.Path)), earlier = new(new(folder.Path));
        Assert.That(() => damaged.Train(options), Throws.TypeOf<InvalidDataException>().With.Message.Contains(files[^1]));
        File.Delete(files[^1]);
        earlier.Train(options);
        Assert.That(earlier.Hashes, Is.EqualTo(uncut.Hashes), "The one before it leads to the same end.");
        Assert.That(Directory.GetFiles(folder["checkpoints"]).Select(Path.GetFileName), Is.EqualTo((string[])["step-000000023.safetensors"]), "Of a run that is over the last is enough.");
    }

    static readonly Dictionary<string, (string Message, Action<RunFolder> Act)> Others = new()
    {
        ["another batch size"] = ("BatchSize was 7 and is 8", folder => Again(folder, run => run.Train(Plain with { BatchSize = 8 }))),
        ["two other options"] = ("Seed was 1 and is 2", folder => Again(folder, run => run.Train(Plain with { Seed = 2, Precision = Precision.BFloat16 }))),
        ["other data"] = ("the first rows of the data", folder => Again(folder, run => run.Train(Plain, rows: Run.Data.Skip(1)))),
        ["other settings"] = ("the task was nothing and is rate 0.5", folder => Again(new(folder.Path, new Dictionary<string, string> { ["the task"] = "rate 0.5" }), run => run.Train(Plain))),
        ["a frozen embedder"] = ("the embedder was trained", folder => Again(folder, run => { run.Pretrainer.Freeze(Parts.Embedder); return run.Train(Plain); })),
    };

    static IEnumerable<string> OtherNames => Others.Keys;

    [TestCaseSource(nameof(OtherNames))]
    public void ARunIsNotGoneOnWithAsAnotherOne(string name)
    {
        using var temp = new TempFolder();
        var folder = new RunFolder(temp.Path);
        using var run = new Run(folder);
        run.Train(Plain, stopAfter: 6);
        Assert.That(() => Others[name].Act(folder), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains(temp.Path).And.Message.Contains(Others[name].Message).And.Message.Contains("begin anew"));
        folder.Clear();
        Assert.That(() => Others[name].Act(folder), Throws.Nothing);
    }

    [Test]
    public void NoCheckpointHoldsWhatCanNotBeGoneOnWith()
    {
        using var folder = new TempFolder();
        using var run = new Run(new(folder.Path));
        var batches = 0;
        run.Pretrainer.Spoil = () => ++batches == 12;
        Assert.That(() => run.Train(Plain with { CheckpointEvery = 1, ReportEvery = 10, KeepCheckpoints = 1 }), Throws.TypeOf<TrainingException>().With.Message.Contains("at step 12").And.Message.Contains("those of step 10 again"));
        Assert.That(new RunFolder(folder.Path).Newest()!.State.Step, Is.EqualTo(11));
        using Run rest = new(new(folder.Path)), uncut = new(null);
        rest.Train(Plain with { ReportEvery = 10 });
        uncut.Train(Plain with { ReportEvery = 10 });
        Assert.That(rest.Hashes, Is.EqualTo(uncut.Hashes));
    }

    [Test]
    [Platform("Linux")]
    public void AFolderThatIsFullStopsTheRunAndKeepsTheCheckpointBefore()
    {
        using var disk = SmallDisk.Mount(kilobytes: 160);
        using var run = new Run(new(disk.Path));
        Assert.That(() => run.Train(Plain with { KeepCheckpoints = 20 }), Throws.TypeOf<IOException>().With.Message.Contains("is whole").And.Message.Contains("Make room"));
        var (newest, files) = (Directory.GetFiles(Path.Combine(disk.Path, "checkpoints")).Max()!, Directory.GetFiles(disk.Path, "*", SearchOption.AllDirectories));
        Assert.That(files, Has.All.Contain("step-"), "Nothing half written is left.");
        File.Delete(files.Min()!);              // room again
        using Run rest = new(new(disk.Path)), uncut = new(null);
        Assert.That(Safetensors.Read(newest).Metadata, Is.Not.Empty);
        rest.Train(Plain with { KeepCheckpoints = 1 });
        uncut.Train(Plain);
        Assert.That(rest.Hashes, Is.EqualTo(uncut.Hashes));
    }

    static void Again(RunFolder folder, Func<Run, TrainingResult> train)
    {
        using var run = new Run(folder);
        train(run);
    }

    sealed class Run : IDisposable
    {
        public static readonly IReadOnlyList<string> Data = [.. Enumerable.Range(0, Rows).Select(i => SmallParts.Text(3 + (i % 20), new Random(i)))];

        readonly ConvEmbedder embedder;
        readonly TransformerTower tower;
        readonly RunFolder? folder;

        public Run(RunFolder? folder, int seed = 1)
        {
            embedder = SmallParts.Embedder(seed);
            tower = SmallParts.Tower(embedder);
            Pretrainer = new(embedder, tower);
            this.folder = folder;
        }

        public LastLetterPretrainer Pretrainer { get; }

        public (string, string) Hashes => (embedder.WeightsHash(), tower.WeightsHash());

        /// <summary>Trains, from a source that is not in memory, until the end or until some step is done.</summary>
        public TrainingResult Train(TrainingOptions options, int stopAfter = int.MaxValue, IEnumerable<string>? rows = null)
        {
            using var stop = new CancellationTokenSource();
            var seen = 0;
            if (stopAfter < int.MaxValue && folder is { HasCheckpoint: true })
            {
                seen = folder.Newest()!.State.Step;
            }
            var batches = seen * options.Accumulate;
            Pretrainer.OnBatch = () =>
            {
                if (++batches >= stopAfter * (long)options.Accumulate)
                {
                    stop.Cancel();
                }
            };
            return Pretrainer.Train(new Streamed([.. rows ?? Data]), options, heldOut: [.. Data.Take(9)], folder, cancellation: stop.Token);
        }

        public void Dispose()
        {
            Pretrainer.Dispose();
            tower.Dispose();
            embedder.Dispose();
        }
    }

    /// <summary>Rows as a file has them: in order, not as a whole in memory.</summary>
    sealed class Streamed(IReadOnlyList<string> rows) : RowSource<string>
    {
        public override IEnumerable<(long Number, string Row)> Read(long from) => RowSource.Of(rows).Read(from);
    }
}
