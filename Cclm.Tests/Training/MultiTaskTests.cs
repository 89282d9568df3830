using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training;

/// <summary>Several tasks in one run on one embedder.</summary>
[Parallelizable]
public sealed class MultiTaskTests : TorchFixture
{
    static readonly string[] Words = ["the quick brown fox", "jumps over the lazy dog", "pack my box with five"];
    static readonly string[] Texts = [.. Enumerable.Range(0, 60).Select(i => $"{Words[i % Words.Length]}{new string('.', i % 4)}")];
    static readonly TrainingOptions Options = new() { Steps = 40, BatchSize = 8, LearningRate = 5e-3, ReportEvery = 10, CheckpointEvery = 7, EvaluateEvery = 20 };

    [Test]
    public void EveryTaskGetsBetterAndTheEmbedderLearns()
    {
        using var run = new Run();
        var (before, embedder) = (run.Evaluate(), run.Embedder.WeightsHash());
        var told = new List<TrainingProgress>();
        MultiTask.Train(run.Tasks(), Options with { Steps = 400 }, progress: new Reports(told));
        var after = run.Evaluate();
        Assert.That(after.Characters.Loss, Is.LessThan(0.8 * before.Characters.Loss));
        Assert.That(after.Labels["accuracy"], Is.GreaterThan(before.Labels["accuracy"] + 0.2));
        Assert.That(run.Embedder.WeightsHash(), Is.Not.EqualTo(embedder));
        Assert.That(told[^1].HeldOut!.Measures.Select(measure => measure.Name), Is.EqualTo(new[] { "characters: accuracy", "labels: accuracy", "labels: macro F1" }));
    }

    [TestCase(3, 1)]
    [TestCase(1, 3)]
    public void TasksAreTrainedAsOftenAsTheirWeightsSay(double characters, double labels)
    {
        using var run = new Run();
        var tasks = run.Tasks(characters, labels);
        using var loop = new TrainingLoop(tasks, Options, folder: null);
        var drawn = Enumerable.Range(0, 4000).Select(loop.TaskOf).ToList();
        Assert.That(drawn.Count(task => task == 0) / 4000.0, Is.EqualTo(characters / (characters + labels)).Within(0.03));
    }

    [TestCase(1)]
    [TestCase(16)]
    [TestCase(39)]
    public void ARunThatIsGoneOnWithEndsAsOneThatWasNotStopped(int stopAfter)
    {
        using var temp = new TempFolder();
        using Run whole = new(), begun = new(), rest = new();
        var expected = MultiTask.Train(whole.Tasks(), Options);
        using var stop = new CancellationTokenSource();
        MultiTask.Train(begun.Tasks(), Options with { ReportEvery = 1 }, new(temp.Path), new Stop(stopAfter, stop), stop.Token);
        var result = MultiTask.Train(rest.Tasks(), Options with { ReportEvery = 1 }, new(temp.Path));
        Assert.That((result.Steps, rest.Hashes), Is.EqualTo((expected.Steps, whole.Hashes)));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void LossesOfAnySizeAreTrainedTogether(int seed)
    {
        using var run = new Run();
        using var teacher = new VectorTable("large", [[300, -200], [-100, 400], [250, 350]], Words);
        using var tower = SmallParts.Tower(run.Embedder);
        using var vectors = new DistillationPretrainer("vectors", SmallParts.Preprocessor, run.Embedder, tower, teacher, DistillationLoss.Mse);
        var result = MultiTask.Train([.. run.Tasks(), vectors.On(RowSource.Of(Words))], Options with { EvaluateEvery = 0, Seed = seed });
        Assert.That(result.Losses.Max(), Is.GreaterThan(1_000), "One task's is thousands of times the others'.");
    }

    /// <summary>Ctrl-C while a step waits for rows that end with it.</summary>
    [Test]
    public void AStepThatIsBegunIsEndedAndSaved()
    {
        using var temp = new TempFolder();
        using var run = new Run();
        using var stop = new CancellationTokenSource();
        var here = Environment.CurrentManagedThreadId;
        var rows = RowSource.Of(Texts).Select(text =>
        {
            if (Environment.CurrentManagedThreadId != here)
            {
                stop.Cancel();      // with the first row that is read ahead of training
            }
            return text;
        }).Until(stop.Token);
        var result = MultiTask.Train([run.Characters.On(rows)], Options with { EvaluateEvery = 0 }, new(temp.Path), cancellation: stop.Token);
        Assert.That((result.Cancelled, result.Steps), Is.EqualTo((true, 1)));
        Assert.That(new RunFolder(temp.Path).Newest()!.State.Step, Is.EqualTo(1));
    }

    static readonly Dictionary<string, (string Expected, Func<Run, IReadOnlyList<TaskRun>> Tasks)> Bad = new()
    {
        ["no task"] = ("no task", _ => []),
        ["another embedder"] = ("another embedder", run => [run.Tasks()[0], new Run().Tasks()[1]]),
        ["one name"] = ("'labels'", run => [run.Tasks()[1], run.Tasks()[1]]),
        ["a weight of 0"] = ("above 0", run => run.Tasks(characters: 0)),
    };

    static IEnumerable<string> BadNames => Bad.Keys;

    [TestCaseSource(nameof(BadNames))]
    public void TasksThatDoNotGoTogetherAreAnError(string name)
    {
        using var run = new Run();
        Assert.That(() => MultiTask.Train(Bad[name].Tasks(run), Options), Throws.ArgumentException.With.Message.Contains(Bad[name].Expected));
    }

    sealed class Reports(List<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told.Add(value);
    }

    sealed class Stop(int after, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == after)
            {
                source.Cancel();
            }
        }
    }

    sealed class Run : IDisposable
    {
        static readonly LabelledText[] Labelled = [.. Texts.Select(text => new LabelledText(Words.First(text.StartsWith), text))];

        readonly CategoricalPretrainer labels;

        public Run()
        {
            Embedder = SmallParts.Embedder();
            Characters = new("characters", SmallParts.Preprocessor, Embedder, SmallParts.Tower(Embedder));
            labels = new("labels", SmallParts.Preprocessor, Embedder, SmallParts.Tower(Embedder), Words);
        }

        public ConvEmbedder Embedder { get; }

        public CharacterMaskPretrainer Characters { get; }

        public string Hashes => Embedder.WeightsHash() + Characters.Tower.WeightsHash() + labels.Tower.WeightsHash();

        public IReadOnlyList<TaskRun> Tasks(double characters = 1, double labels = 1) =>
            [Characters.On(RowSource.Of(Texts), Texts, characters), this.labels.On(RowSource.Of(Labelled), Labelled, labels)];

        public (Evaluation Characters, Evaluation Labels) Evaluate() => (Characters.Evaluate(Texts), labels.Evaluate(Labelled));

        public void Dispose()
        {
            Characters.Dispose();
            labels.Dispose();
            Characters.Tower.Dispose();
            labels.Tower.Dispose();
            Embedder.Dispose();
        }
    }
}
