using System.Numerics.Tensors;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Tests.Training.Distillation;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>What holds for every pretrainer: one row a task.</summary>
[Parallelizable]
public sealed class PretrainerTests : TorchFixture
{
    static readonly string[] Words = ["the quick brown fox", "jumps over the lazy dog", "pack my box with five", "dozen liquor jugs", "how vexingly quick", "daft zebras jump"];
    static readonly SubwordTokenizer Pieces = SubwordTokenizer.Fit(Words, new() { VocabularySize = 90, MinCount = 1 });
    /// <summary>Each text is joined with those of the word beside its own; every fifth has no label.</summary>
    static readonly TextGraph Graph = new(Texts(), [.. Enumerable.Range(0, 60).SelectMany(i => Enumerable.Range(0, 60).Where(j => j % 6 == i % 6 + 1 && i % 2 == 0).Select(j => (i, j)))],
        [.. Enumerable.Range(0, 60).Select(i => i % 5 == 0 ? null : Words[i % Words.Length])]);

    static readonly TextGraph Isolated = new(["a", "b", "c"], [(0, 1)]);

    static readonly Lazy<TempFolder> Teacher = new(() => AutoencodeTests.Teacher(steps: 600, Texts()));
    static readonly TrainingOptions Options = new() { Steps = 20, BatchSize = 8, LearningRate = 5e-3, ReportEvery = 5 };

    /// <summary>A task with its data, so that one test can run them all.</summary>
    public sealed record Task(string Name, Func<Embedder, Tower, ITrained> Make, bool Causal = false, bool HasWeights = true, int Steps = 200, double Rate = 5e-3)
    {
        public override string ToString() => Name;
    }

    public interface ITrained : IDisposable
    {
        TrainingResult Train(TrainingOptions options, CancellationToken cancellation = default);
        Evaluation Evaluate();

        /// <summary>The loss of some rows and the gradients of all weights: with so many threads, or of all texts together where there is none.</summary>
        (double Loss, float[] Gradients) Gradients(int rows, int threads);
        void Freeze(Parts parts);
        void Save(ModelFolder folder);
        void Load(ModelFolder folder);
    }

    sealed class Trained<T>(Pretrainer<T> pretrainer, IReadOnlyList<T> data) : ITrained
    {
        public TrainingResult Train(TrainingOptions options, CancellationToken cancellation) => pretrainer.Train(data, options, cancellation: cancellation);
        public Evaluation Evaluate() => pretrainer.Evaluate(data);
        public (double Loss, float[] Gradients) Gradients(int rows, int threads)
        {
            const int Seed = 5;
            const double Share = 0.5;
            using var scope = NewDisposeScope();
            var task = pretrainer.On(RowSource.Of(data));
            using var parameters = new FlatParameters([new([.. TaskRun.Parameters([task]).SelectMany(part => part)])]);
            pretrainer.SetTraining(true);
            var batch = task.Batches(new(), new() { BatchSize = rows }).First().Batch;
            if (threads == 0)
            {
                random.manual_seed(Seed);
                using var chance = DropoutChance.Use(Seed, 0, batch.Texts);
                var whole = pretrainer.LossOf(pretrainer.Read(batch), batch, smoothing: 0.1).Loss.mul(Scalars.Kept(Share));
                whole.backward();
                return (whole.item<float>(), [.. parameters.WholeGradients().data<float>()]);
            }
            var loss = WithThreads(threads, () =>
            {
                using var backward = new BackwardPass(parameters, new() { LabelSmoothing = 0.1 });
                return backward.Run(pretrainer, batch, Seed, Share).item<float>();
            });
            return (loss, [.. parameters.WholeGradients().data<float>()]);
        }
        public void Freeze(Parts parts) => pretrainer.Freeze(parts);
        public void Save(ModelFolder folder) => pretrainer.Save(folder);
        public void Load(ModelFolder folder) => pretrainer.Load(folder);
        public void Dispose() => pretrainer.Dispose();
    }

    static readonly Task[] Tasks =
    [
        new("char_mask", (embedder, tower) => new Trained<string>(
            new CharacterMaskPretrainer("t", SmallParts.Preprocessor, embedder, tower, new() { Augmentor = Augmentors.Typos(0.1) }), Texts())),
        new("categorical", (embedder, tower) => new Trained<LabelledText>(
            new CategoricalPretrainer("t", SmallParts.Preprocessor, embedder, tower, Words, Augmentors.Typos(0.1)), [.. Texts().Select(text => new LabelledText(Words.First(text.StartsWith), text))])),
        new("causal, at the end of a beginning", (embedder, tower) => new Trained<string>(new CausalPretrainer("t", SmallParts.Preprocessor, embedder, tower, ahead: 2), Texts()), Steps: 400),
        new("causal, everywhere", (embedder, tower) => new Trained<string>(new CausalPretrainer("t", SmallParts.Preprocessor, embedder, tower, ahead: 2), Texts()), Causal: true),
        new("multi_label", (embedder, tower) => new Trained<MultiLabelledText>(
            new MultiLabelPretrainer("t", SmallParts.Preprocessor, embedder, tower, Words, Augmentors.Typos(0.1), [1, 2, 3, 1, 1, 1], new() { Dropout = 0.1 }), [.. Texts().Select((text, i) => new MultiLabelledText(i % 7 == 0 ? [] : [Words.First(text.StartsWith), Words[0]], i % 7 == 0 ? "none of them" : text))])),
        new("mlm, sampled softmax over the span", (embedder, tower) => new Trained<string>(
            new MaskedLanguagePretrainer("t", SmallParts.Preprocessor, embedder, tower, Pieces, new() { Candidates = 20, Width = 12, Augmentor = Augmentors.Typos(0.05) }), Texts()), Steps: 800),
        new("mlm, negative sampling over the text", (embedder, tower) => new Trained<string>(
            new MaskedLanguagePretrainer("t", SmallParts.Preprocessor, embedder, tower, Pieces, new() { Loss = TokenLoss.NegativeSampling, Pooling = SpanPooling.Global, Width = 12 }), Texts()), Steps: 1600),
        new("contrastive", (embedder, tower) => new Trained<TextPair>(
            new ContrastivePretrainer("t", SmallParts.Preprocessor, embedder, tower, new() { Augmentor = Augmentors.Typos(0.3) }), [.. Texts().Select((text, i) => new TextPair(text, i % 9 == 0 ? text : $"{Words[(i + 1) % Words.Length]}{new string('.', i % 4)}") { Negative = i % 5 == 0 ? Words[(i + 2) % Words.Length] : null })]), HasWeights: false),
        new("tagging", (embedder, tower) => new Trained<TaggedSentence>(
            new TaggingPretrainer("t", SmallParts.Preprocessor, embedder, tower, TagSet.Of(Texts().Select(Tagged)), Augmentors.Typos(0.1)), [.. Texts().Select(Tagged)])),
        new("labels of nodes", (embedder, tower) => new Trained<GraphNode>(
            new NodePretrainer("t", SmallParts.Preprocessor, embedder, tower, Graph, new() { FanOuts = [2, 2], Width = 12, Augmentor = Augmentors.Typos(0.1) }), Nodes())),
        new("edges, GCN", (embedder, tower) => new Trained<GraphNode>(
            new EdgePretrainer("t", SmallParts.Preprocessor, embedder, tower, Graph, new() { Convolution = GraphConvolution.Gcn, FanOuts = [2, 2], Width = 12 }), Nodes())),
        new("labels of nodes, GAT", (embedder, tower) => new Trained<GraphNode>(
            new NodePretrainer("t", SmallParts.Preprocessor, embedder, tower, Graph, new() { Convolution = GraphConvolution.Gat, FanOuts = [3], Width = 12 }), Nodes())),
        new("edges, of texts alone", (embedder, tower) => new Trained<GraphNode>(
            new EdgePretrainer("t", SmallParts.Preprocessor, embedder, tower, Graph, new() { FanOuts = [], Augmentor = Augmentors.Typos(0.1) }), Nodes()), HasWeights: false),
        new("autoencode", (embedder, tower) => new Trained<string>(
            new AutoencodePretrainer("t", SmallParts.Preprocessor, embedder, tower, new() { Length = 9, Width = 12, Augmentor = Augmentors.Typos(0.02) }), Texts()), Steps: 800),
        new("autoencode, under a teacher", (embedder, tower) => new Trained<string>(
            new AutoencodePretrainer("t", SmallParts.Preprocessor, embedder, tower, AutoencodeTeacher.Load(Teacher.Value.Path, "teacher")), Texts()), Steps: 800),
        new("distil, cosine", (embedder, tower) => Distilled(embedder, tower, DistillationLoss.Cosine)),
        new("distil, mse", (embedder, tower) => Distilled(embedder, tower, DistillationLoss.Mse), Steps: 600),
        new("distil, similarity", (embedder, tower) => Distilled(embedder, tower, DistillationLoss.Similarity), HasWeights: false, Steps: 800, Rate: 2e-3),
    ];

    [OneTimeTearDown]
    public void Clean()
    {
        if (Teacher.IsValueCreated)
        {
            Teacher.Value.Dispose();
        }
    }

    [TestCaseSource(nameof(Tasks))]
    public void TheLossFallsAndTheAnswersGetBetter(Task task)
    {
        using var run = new Run(task);
        var before = run.Pretrainer.Evaluate();
        var result = run.Pretrainer.Train(Options with { Steps = task.Steps, LearningRate = task.Rate });
        var after = run.Pretrainer.Evaluate();
        Assert.That((result.Steps, result.Cancelled, result.Losses.Count), Is.EqualTo((task.Steps, false, task.Steps / Options.ReportEvery)));
        Assert.That(after.Loss, Is.LessThan(0.75 * before.Loss));
        // Bits fall as the loss does; all else rises, by less where little is missing.
        Assert.That(after.Main.Value, after.Main.Name != "bits per character" ? Is.GreaterThan(before.Main.Value + (0.2 * Math.Min(1, 2 * (1 - before.Main.Value)))) : Is.LessThan(0.75 * before.Main.Value), $"{before}; then {after}");
    }

    [TestCaseSource(nameof(Tasks))]
    public void OneSeedIsOneRunBitForBit(Task task)
    {
        using Run first = new(task), second = new(task), third = new(task);
        var losses = first.Pretrainer.Train(Options).Losses;
        Assert.That(second.Pretrainer.Train(Options).Losses, Is.EqualTo(losses));
        Assert.That(second.Tower.WeightsHash(), Is.EqualTo(first.Tower.WeightsHash()));
        Assert.That(third.Pretrainer.Train(Options with { Seed = 2 }).Losses, Is.Not.EqualTo(losses));
    }

    /// <summary>Also with dropout, chance that the head draws, and sparse gradients of tables.</summary>
    [TestCaseSource(nameof(Tasks))]
    public void ABatchThatIsDealtToThreadsHasTheGradientsOfTheWhole(Task task)
    {
        foreach (var (rows, threads, tables) in ((int, int, bool)[])[(12, 2, false), (13, 2, true), (13, 3, false), (12, 12, true), (13, 1, true), (37, 1, false), (37, 2, true), (31, 3, false)])
        {
            using Run run = new(task, tables: tables);
            var (expected, whole) = run.Pretrainer.Gradients(rows, threads: 0);
            var (loss, parts) = run.Pretrainer.Gradients(rows, threads);
            Assert.That(loss, Is.EqualTo(expected).Within(1e-5 * expected), $"{rows} rows, {threads} threads");
            Assert.That(TensorPrimitives.Norm<float>(whole), Is.GreaterThan(1e-4), "There is something to compare.");
            Assert.That(TensorPrimitives.Distance<float>(parts, whole) / TensorPrimitives.Norm<float>(whole), Is.LessThan(1e-4), $"{rows} rows, {threads} threads");
            Assert.That(run.Pretrainer.Gradients(rows, threads), Is.EqualTo((loss, parts)), "The same again, to the bit.");
        }
    }

    [TestCaseSource(nameof(Tasks))]
    public void FrozenPartsKeepTheirBytesAndTheOthersChange(Task task)
    {
        foreach (var frozen in (Parts[])[Parts.Embedder, Parts.Tower, 0, .. task.HasWeights ? (Parts[])[Parts.Embedder | Parts.Tower] : []])
        {
            using var run = new Run(task);
            var (embedder, tower) = (run.Embedder.WeightsHash(), run.Tower.WeightsHash());
            run.Pretrainer.Freeze(frozen);
            run.Pretrainer.Train(Options with { Steps = 3 });
            Assert.That(run.Embedder.WeightsHash() == embedder, Is.EqualTo(frozen.HasFlag(Parts.Embedder)), $"embedder, frozen: {frozen}");
            Assert.That(run.Tower.WeightsHash() == tower, Is.EqualTo(frozen.HasFlag(Parts.Tower)), $"tower, frozen: {frozen}");
        }
    }

    [TestCaseSource(nameof(Tasks))]
    public void WhatWasSavedAnswersTheSame(Task task)
    {
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, new PartTypes());
        using Run trained = new(task), fresh = new(task, seed: 7);
        trained.Pretrainer.Train(Options);
        trained.Pretrainer.Save(folder);
        fresh.Pretrainer.Load(folder);
        Assert.That(fresh.Pretrainer.Evaluate(), Is.EqualTo(trained.Pretrainer.Evaluate()));
        var embedder = folder.LoadEmbedder(folder.LoadPreprocessor());
        Assert.That(folder.LoadTower("t", embedder).WeightsHash(), Is.EqualTo(trained.Tower.WeightsHash()));
    }

    [TestCaseSource(nameof(Tasks))]
    public void CancellationKeepsWhatWasLearned(Task task)
    {
        using var run = new Run(task);
        var before = run.Tower.WeightsHash();
        Assert.That(run.Pretrainer.Train(Options, new CancellationToken(canceled: true)), Has.Property("Cancelled").True.And.Property("Steps").Zero);
        Assert.That(run.Tower.WeightsHash(), Is.EqualTo(before));
        Assert.That(run.Pretrainer.Train(Options with { Steps = 2 }).Cancelled, Is.False, "It can be trained again.");
    }

    [TestCaseSource(nameof(Tasks))]
    public void ALossThatIsNoNumberStopsTheRun(Task task)
    {
        using var run = new Run(task);
        using (no_grad())
        {
            run.Tower.parameters().First().fill_(Scalars.Kept(double.NaN));
        }
        Assert.That(() => run.Pretrainer.Train(Options), Throws.InstanceOf<TrainingException>().With.Message.Contains("at step 1, on a batch of the rows").And.Message.Contains("learning rate"));
    }

    [TestCaseSource(nameof(Tasks))]
    public void WhatWasTrainedExportsAndMatches(Task task)
    {
        using var run = new Run(task);
        run.Pretrainer.Train(Options with { Steps = 5 });
        using var model = new ComposedModel(run.Embedder, ("t", run.Tower));
        var batch = SmallParts.Preprocessor.Encode(Words);
        var stitched = Cclm.Export.Composer.Compose(
            ModelExporter.Export(run.Embedder, SmallParts.Preprocessor), [("t", ModelExporter.Export(run.Tower, run.Embedder, SmallParts.Preprocessor))]);
        Assert.That(Cclm.Training.App.CompositionCheck.Parity(model, stitched, batch), Is.LessThan(1e-5));
        OfficialChecker.Check(stitched);
    }

    static readonly Dictionary<string, (string Expected, Action<Embedder, Tower> Act)> BadData = new()
    {
        ["no rows"] = ("empty", (e, t) => new CharacterMaskPretrainer("t", SmallParts.Preprocessor, e, t).Train([], Options)),
        ["empty texts"] = ("to mask", (e, t) => new CharacterMaskPretrainer("t", SmallParts.Preprocessor, e, t).Train(["", " "], Options)),
        ["one label"] = ("two or more", (e, t) => new CategoricalPretrainer("t", SmallParts.Preprocessor, e, t, ["a"])),
        ["a label twice"] = ("'a'", (e, t) => new CategoricalPretrainer("t", SmallParts.Preprocessor, e, t, ["a", "b", "a"])),
        ["a label unknown"] = ("'c'", (e, t) => new CategoricalPretrainer("t", SmallParts.Preprocessor, e, t, ["a", "b"]).Train([new("c", "x")], Options)),
        ["mask rate of 1"] = ("rate", (e, t) => new CharacterMaskPretrainer("t", SmallParts.Preprocessor, e, t, new() { Rate = 1 })),
        ["texts shorter than a piece"] = ("3 characters to mask", (e, t) => new MaskedLanguagePretrainer("t", SmallParts.Preprocessor, e, t, Pieces).Train(["a b", "ox"], Options)),
        ["no negatives"] = ("Negatives", (e, t) => new MaskedLanguagePretrainer("t", SmallParts.Preprocessor, e, t, Pieces, new() { Negatives = 0 })),
        ["nothing ahead"] = ("1 or more", (e, t) => new CausalPretrainer("t", SmallParts.Preprocessor, e, t, ahead: 0)),
        ["texts of one character"] = ("two characters", (e, t) => new CausalPretrainer("t", SmallParts.Preprocessor, e, t).Train(["a", "\U0001F600"], Options)),
        ["a causal tower on an embedder that is not"] = ("Make both causal", (e, _) => new CausalPretrainer("t", SmallParts.Preprocessor, e, SmallParts.CausalTower(e))),
        ["a class weight for another number of labels"] = ("3 class weights", (e, t) => new CategoricalPretrainer("t", SmallParts.Preprocessor, e, t, ["a", "b"], null, [1, 2, 3])),
        ["no label at all"] = ("No text has a label", (e, t) => new MultiLabelPretrainer("t", SmallParts.Preprocessor, e, t, ["a", "b"]).Train([new([], "x")], Options)),
        ["a label of several unknown"] = ("'c'", (e, t) => new MultiLabelPretrainer("t", SmallParts.Preprocessor, e, t, ["a", "b"]).Train([new(["a", "c"], "x")], Options)),
        ["views without noise"] = ("augmentor", (e, t) => new ContrastivePretrainer("t", SmallParts.Preprocessor, e, t).Train([new("x", "x"), new("y", "y")], Options)),
        ["one second text"] = ("at least two", (e, t) => new ContrastivePretrainer("t", SmallParts.Preprocessor, e, t).Train([new("x", "y"), new("z", "y")], Options)),
        ["a temperature of 0"] = ("temperature", (e, t) => new ContrastivePretrainer("t", SmallParts.Preprocessor, e, t, new() { Temperature = 0 })),
        ["a graph without labels"] = ("no labels", (e, t) => new NodePretrainer("t", SmallParts.Preprocessor, e, t, new(["a", "b"], [(0, 1)]))),
        ["a graph of one label"] = ("two or more", (e, t) => new NodePretrainer("t", SmallParts.Preprocessor, e, t, new(["a", "b"], [(0, 1)], ["x", null]))),
        ["a label too few"] = ("1 labels for 2 nodes", (_, _) => new TextGraph(["a", "b"], [(0, 1)], ["x"])),
        ["a graph without edges"] = ("joined", (e, t) => new EdgePretrainer("t", SmallParts.Preprocessor, e, t, new(["a", "b"], []))),
        ["edges to the nodes themselves"] = ("its 2 edges lead from a node to itself", (e, t) => new EdgePretrainer("t", SmallParts.Preprocessor, e, t, new(["a", "b"], [(0, 0), (1, 1)]))),
        ["nodes that all are isolated but those held out"] = ("has an edge", (e, t) => new EdgePretrainer("t", SmallParts.Preprocessor, e, t, Isolated, null, text => text == "b").Train(Isolated.Nodes.Where(node => node.Text != "b"), Options)),
        ["no node with a label"] = ("has a label", (e, t) => new NodePretrainer("t", SmallParts.Preprocessor, e, t, Graph).Train([new(new(["a"], [], [null]), 0)], Options)),
        ["nodes of another graph"] = ("another graph", (e, t) => new NodePretrainer("t", SmallParts.Preprocessor, e, t, Graph).Train([new(new(["a"], [], ["x"]), 0)], Options)),
        ["no neighbours to draw"] = ("0 neighbours", (e, t) => new EdgePretrainer("t", SmallParts.Preprocessor, e, t, Graph, new() { FanOuts = [5, 0] })),
        ["a width that heads do not divide"] = ("4 heads", (e, t) => new EdgePretrainer("t", SmallParts.Preprocessor, e, t, Graph, new() { Convolution = GraphConvolution.Gat, Width = 10 })),
        ["no steps"] = ("Steps", (e, t) => new CharacterMaskPretrainer("t", SmallParts.Preprocessor, e, t).Train(["a"], Options with { Steps = 0 })),
        ["a tower of another width"] = ("10", (e, _) => new CharacterMaskPretrainer("t", SmallParts.Preprocessor, e, SmallParts.Tower(new ConvEmbedder(SmallParts.EmbedderOptions with { Filters = 5 }))).Train(["a"], Options)),
        ["a preprocessor of another vocabulary"] = ("vocabulary", (e, t) => new CharacterMaskPretrainer("t", new Preprocessor(Vocabulary.Fit(["ab"])), e, t).Train(["a"], Options)),
        ["a preprocessor of longer texts"] = ("41", (e, t) => new CharacterMaskPretrainer("t", new Preprocessor(SmallParts.Preprocessor.Vocabulary, new() { MaxLength = 41 }), e, t).Train(["a"], Options)),
    };

    static IEnumerable<string> BadNames => BadData.Keys;

    [TestCaseSource(nameof(BadNames))]
    public void BadDataIsAnErrorBeforeTraining(string name)
    {
        var embedder = SmallParts.Embedder();
        var tower = SmallParts.Tower(embedder);
        Assert.That(() => BadData[name].Act(embedder, tower), Throws.ArgumentException.With.Message.Contains(BadData[name].Expected));
    }

    static Trained<string> Distilled(Embedder embedder, Tower tower, DistillationLoss loss) =>
        new(new DistillationPretrainer("t", SmallParts.Preprocessor, embedder, tower, TfIdfVectors.Teacher(Texts(), 11), loss, Augmentors.Typos(0.1)), Texts());

    /// <summary>A text whose words from the first half of the alphabet are spans.</summary>
    static TaggedSentence Tagged(string text) => new(text.Split(' '), [.. text.Split(' ').Select(word => word[0] < 'm' ? "B-early" : "O")]);

    static GraphNode[] Nodes() => [.. Graph.Nodes.Read().Select(row => row.Row)];

    static string[] Texts() => [.. Enumerable.Range(0, 60).Select(i => $"{Words[i % Words.Length]}{new string('.', i % 4)}")];

    sealed class Run : IDisposable
    {
        public Run(Task task, int seed = 1, bool tables = false)
        {
            Embedder = tables ? SmallParts.NGrams(task.Causal) : task.Causal ? SmallParts.CausalEmbedder(seed) : SmallParts.Embedder(seed);
            Tower = task.Causal ? SmallParts.CausalTower(Embedder) : SmallParts.Tower(Embedder);
            Pretrainer = task.Make(Embedder, Tower);
        }

        public ConvEmbedder Embedder { get; }
        public TransformerTower Tower { get; }
        public ITrained Pretrainer { get; }

        public void Dispose() => Pretrainer.Dispose();
    }
}
