using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using Onnx;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>A head on a composed model: what is trained, what is kept, and what ships.</summary>
[Parallelizable]
public sealed class FineTuneTests : TorchFixture
{
    static readonly string[] Words = ["the quick brown fox", "jumps over the lazy dog", "pack my box with five"];
    static readonly LabelledText[] Rows = [.. Enumerable.Range(0, 48).Select(i => new LabelledText(Words[i % 3], $"{Words[i % 3]}{new string('.', i % 4)}"))];
    static readonly TrainingOptions Options = new() { Steps = 60, BatchSize = 8, LearningRate = 5e-3, ReportEvery = 20 };

    static PartTypes Types => new PartTypes().AddTower<ConvTower, ConvTowerOptions>("conv", (on, options) => new(on, options.Width));

    /// <summary>What is kept, by names of parts.</summary>
    static readonly string[] KeptNames = ["", "base", "a", "a b", "base a b"];

    [TestCaseSource(nameof(KeptNames))]
    public void WhatIsKeptKeepsItsBytesAndItsGraphAndTheRestChanges(string names)
    {
        using var parts = new Parts();
        var kept = names.Split(' ');
        foreach (var (name, layer) in parts.Named.Where(part => kept.Contains(part.Name)))
        {
            layer.Freeze();
        }
        var before = parts.Named.ToDictionary(part => part.Name, part => (part.Layer.WeightsHash(), Exported: parts.Export(part.Name)));
        using var tuner = parts.Categorical();
        tuner.Train(Rows, Options with { Steps = 3 });
        foreach (var (name, layer) in parts.Named)
        {
            Assert.That(layer.WeightsHash() == before[name].Item1, Is.EqualTo(kept.Contains(name)), $"bytes of {name}");
            Assert.That(WeightsHash.Of(parts.Export(name)) == WeightsHash.Of(before[name].Exported), Is.EqualTo(kept.Contains(name)), $"exported {name}");
        }
    }

    [TestCase(HeadPooling.MeanMax)]
    [TestCase(HeadPooling.Mean)]
    [TestCase(HeadPooling.Max)]
    [TestCase(HeadPooling.Cls)]
    [TestCase(HeadPooling.Attention)]
    public void AHeadOnTowersThatAreKeptLearns(HeadPooling pooling)
    {
        using var parts = new Parts();
        parts.Model.Freeze();
        using var tuner = parts.Categorical(new() { Pooling = pooling });
        var before = tuner.Evaluate(Rows);
        tuner.Train(Rows, Options with { Steps = 200, LearningRate = 3e-2 });
        Assert.That(tuner.Evaluate(Rows).Loss, Is.LessThan(0.75 * before.Loss));
    }

    /// <summary>AdamW's first step moves every weight by its learning rate, whatever its gradient.</summary>
    [TestCase(1.0)]
    [TestCase(0.5)]
    [TestCase(0.1)]
    public void ThePartsFurtherFromTheAnswerLearnMoreSlowly(double decay)
    {
        using var parts = new Parts(deep: true);
        using var tuner = parts.Categorical();
        var layers = new[] { ("head", Parts.Watch(tuner.Modules[2].Module)), ("top", Parts.Watch(parts.Model.Towers[0].Tower)), ("lower", Parts.Watch(((ComposedModel)parts.Model.Base).Towers[0].Tower)), ("base", Parts.Watch(((ComposedModel)parts.Model.Base).Base)) };
        tuner.Train(Rows, Options with { Steps = 1, DepthDecay = decay, Warmup = 0, WeightDecay = 0, Schedule = Schedule.Constant });
        foreach (var ((name, moved), depth) in layers.Zip(Enumerable.Range(0, 4)))
        {
            Assert.That(moved(), Is.EqualTo(Options.LearningRate * Math.Pow(decay, depth)).Within(2).Percent, name);
        }
    }

    [Test]
    public void PartsBeginToTrainOneAfterTheOther()
    {
        foreach (var (steps, trained) in ((int, string[])[])[(1, []), (5, []), (6, ["a", "b"]), (10, ["a", "b"]), (11, ["base", "a", "b"])])
        {
            using var parts = new Parts();
            var before = parts.Named.ToDictionary(part => part.Name, part => part.Layer.WeightsHash());
            using var tuner = parts.Categorical();
            tuner.Train(Rows, Options with { Steps = steps, UnfreezeEvery = 5 });
            Assert.That(parts.Named.Where(part => part.Layer.WeightsHash() != before[part.Name]).Select(part => part.Name), Is.EquivalentTo(trained), $"after {steps} steps");
        }
    }

    [Test]
    public void ARunThatIsGoneOnWithEndsAsOneThatWasNotStopped()
    {
        var options = Options with { Steps = 20, DepthDecay = 0.5, UnfreezeEvery = 6, CheckpointEvery = 5 };
        string Train(params int[] stops)
        {
            using var temp = new TempFolder();
            var hash = "";
            foreach (var stop in stops.Append(int.MaxValue))
            {
                using var parts = new Parts();
                using var tuner = parts.Categorical();
                using var cancellation = new CancellationTokenSource();
                tuner.Train(Rows, options with { ReportEvery = 1 }, folder: new(temp.Path), progress: new Stop(stop, cancellation), cancellation: cancellation.Token);
                hash = parts.Model.WeightsHash();
            }
            return hash;
        }
        Assert.That(Train(3, 6, 13), Is.EqualTo(Train()));
    }

    [TestCase("categorical")]
    [TestCase("multi-label")]
    [TestCase("tagging")]
    public void OneFileAnswersAsTheModelDoes(string task)
    {
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, Types);
        using var parts = new Parts();
        using var tuner = parts.Tuner(task);
        tuner.Save(folder);
        var (head, on) = folder.LoadHead("h");
        using var loaded = head;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        tuner.SetTraining(false);
        var batch = SmallParts.Preprocessor.Encode(["", "a", .. Words, "dozen liquor jugs"]);
        var ids = tensor(batch.Ids).view(batch.Rows, batch.Length);
        var expected = ((Value.Torch)head.forward(parts.Model.forward(new Value.Torch(ids)))).Tensor;
        // The order of the slices is the composer's: the head finds its towers by their names.
        foreach (var order in (string[][])[["a", "b"], ["b", "a"]])
        {
            var model = Composer.Compose(parts.Export("base"), [.. order.Select(name => (name, parts.Export(name)))],
                new() { Pooling = new(Pooling.MeanMax), Heads = [("h", ModelExporter.Export(head, on, SmallParts.Preprocessor))] });
            OfficialChecker.Check(model);
            Assert.That(model.Graph.Output.Select(output => output.Name), Is.EqualTo(new[] { "hidden", "mask", "embedding", "logits_h" }));
            var (logits, shape) = OnnxRun.Run<float>(model, "logits_h", OnnxRun.Tensor("ids", batch.Ids, batch.Rows, batch.Length));
            Assert.That(shape, Is.EqualTo(expected.shape));
            var real = task == "tagging" ? ids.ne(Scalars.Kept(0)).unsqueeze(-1).to(ScalarType.Float32) : ones(1, 1);
            Assert.That(((tensor(logits).view(shape) - expected) * real).abs().max().item<float>(), Is.LessThan(1e-5));
            using var served = CclmModel.Load(Google.Protobuf.MessageExtensions.ToByteArray(model));
            Assert.That(served.Towers.Select(tower => tower.Name), Is.EqualTo(order));
        }
    }

    [Test]
    public void AHeadChangesNoVectorAndNoHash()
    {
        using var parts = new Parts();
        var plain = parts.Compose([]);
        var answering = parts.Compose([("h", parts.Head()), ("other", parts.Head(seed: 5))]);
        var batch = SmallParts.Preprocessor.Encode(Words);
        foreach (var output in (string[])["hidden", "embedding"])
        {
            Assert.That(OnnxRun.Run<float>(answering, output, OnnxRun.Tensor("ids", batch.Ids, batch.Rows, batch.Length)).Data,
                Is.EqualTo(OnnxRun.Run<float>(plain, output, OnnxRun.Tensor("ids", batch.Ids, batch.Rows, batch.Length)).Data));
        }
        Assert.That(TinyParts.Metadata(answering).Weights, Is.EqualTo(TinyParts.Metadata(plain).Weights).And.EqualTo(parts.Model.WeightsHash()));
        // As the embedder of the next model it leaves its heads behind.
        var tower = SmallParts.Tower(parts.Model);
        var next = ModelExporter.Export(tower, parts.Model, SmallParts.Preprocessor);
        Assert.That(Composer.Compose(answering, [("c", next)]), Is.EqualTo(Composer.Compose(plain, [("c", next)])));
    }

    [Test]
    public void AHeadOnOneTowerShipsToo()
    {
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, Types);
        using var parts = new Parts();
        using (var pretrainer = new CategoricalPretrainer("b", SmallParts.Preprocessor, parts.Model.Base, parts.Model.Towers[1].Tower, Words))
        {
            pretrainer.Save(folder);
        }
        var (head, on) = folder.LoadHead("b");
        using var loaded = head;
        Assert.That(on.Towers.Select(tower => tower.Name), Is.EqualTo(new[] { "b" }));
        var model = parts.Compose([("b", ModelExporter.Export(head, on, SmallParts.Preprocessor))]);
        var batch = SmallParts.Preprocessor.Encode(Words);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        head.eval();
        parts.Model.eval();
        var hidden = (Value.Torch)parts.Model.Towers[1].Tower.forward(parts.Model.Base.forward(new Value.Torch(tensor(batch.Ids).view(batch.Rows, batch.Length))));
        var (logits, shape) = OnnxRun.Run<float>(model, "logits_b", OnnxRun.Tensor("ids", batch.Ids, batch.Rows, batch.Length));
        Assert.That((tensor(logits).view(shape) - ((Value.Torch)head.forward(hidden)).Tensor).abs().max().item<float>(), Is.LessThan(1e-5));
    }

    [Test]
    public void ALoadedModelClassifies()
    {
        using var parts = new Parts();
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, Types);
        using (var tuner = parts.Categorical())
        {
            tuner.Train(Rows, Options);
            tuner.Save(folder);
        }
        var (head, on) = folder.LoadHead("h");
        using var loaded = head;
        using var model = CclmModel.Load(Google.Protobuf.MessageExtensions.ToByteArray(parts.Compose([("h", ModelExporter.Export(head, on, SmallParts.Preprocessor)), ("untrained", parts.Head())])));
        Assert.That(model.Heads.Select(known => (known.Name, known.Task, known.Labels.Count)), Is.EqualTo(new[] { ("h", CclmHeadTask.Categorical, 3), ("untrained", CclmHeadTask.Categorical, 3) }));
        var answers = model.Classify([.. Rows.Select(row => row.Text)], "h");
        Assert.That(answers.Select(answer => answer[0].Label), Is.EqualTo(Rows.Select(row => row.Label)));
        Assert.That(answers.Select(answer => answer.Sum(label => label.Probability)), Is.All.EqualTo(1).Within(1e-5));
        Assert.That(model.Classify(Rows[0].Text, "h"), Is.EqualTo(answers[0]).Using<LabelProbability>((a, b) => a.Label == b.Label && Math.Abs(a.Probability - b.Probability) < 1e-5));
        Assert.That(() => model.Classify("a"), Throws.InstanceOf<CclmModelException>().With.Message.Contains("'h', 'untrained'"));
        Assert.That(() => model.Tag("a"), Throws.InstanceOf<CclmModelException>().With.Message.Contains("that tags words the model has none. All its heads are 'h', 'untrained'"));
        Assert.That(() => model.Tag("a", "h"), Throws.ArgumentException.With.Message.Contains("no head 'h' that tags words; it has none. All its heads are 'h', 'untrained'"));
        Assert.That(() => model.Classify("a", "b"), Throws.ArgumentException.With.Message.Contains("no head 'b'"));
    }

    static readonly Dictionary<string, (string Expected, Func<Parts, ModelProto> Act)> Strangers = new()
    {
        ["a tower that is not there"] = ("reads tower 'b', but the model has 'a'", parts => Composer.Compose(parts.Export("base"), [("a", parts.Export("a"))], new() { Heads = [("h", parts.Head())] })),
        ["a tower of other weights"] = ("was trained on tower 'b'", parts => Composer.Compose(parts.Export("base"), [("a", parts.Export("a")), ("b", ModelExporter.Export(new ConvTower(parts.Model.Base, 5), parts.Model.Base, SmallParts.Preprocessor))], new() { Heads = [("h", parts.Head())] })),
        ["two heads of one name"] = ("Two heads are named 'h'", parts => parts.Compose([("h", parts.Head()), ("h", parts.Head())])),
        ["a tower for a head"] = ("expected head", parts => parts.Compose([("h", parts.Export("a"))])),
        ["labels that were edited"] = ("names 1 labels", parts => parts.Compose([("h", Edited(parts.Head()))])),
    };

    static IEnumerable<string> StrangerNames => Strangers.Keys;

    [TestCaseSource(nameof(StrangerNames))]
    public void AHeadThatDoesNotBelongIsRefused(string name)
    {
        using var parts = new Parts();
        Assert.That(() => Strangers[name].Act(parts), Throws.Exception.With.Message.Contains(Strangers[name].Expected));
    }

    [Test]
    public void ThreeCompositionsOnEachOtherTrainAndExport()
    {
        random.manual_seed(1);
        using var embedder = SmallParts.Embedder();
        using var first = new ComposedModel(embedder, ("a", SmallParts.Tower(embedder)), ("b", new ConvTower(embedder, 5)));
        using var second = new ComposedModel(first, ("c", new ConvTower(first, 10)), ("d", new ConvTower(first, 5)));
        using var third = new ComposedModel(second, ("e", new ConvTower(second, 7)));
        using (var pretrainer = new CategoricalPretrainer("e", SmallParts.Preprocessor, second, third.Towers[0].Tower, Words))
        {
            var before = pretrainer.Evaluate(Rows);
            pretrainer.Train(Rows, Options);
            Assert.That(pretrainer.Evaluate(Rows).Loss, Is.LessThan(0.75 * before.Loss));
        }
        ModelProto Tower(ComposedModel model, int i) => ModelExporter.Export(model.Towers[i].Tower, model.Base, SmallParts.Preprocessor);
        var one = Composer.Compose(ModelExporter.Export(embedder, SmallParts.Preprocessor), [("a", Tower(first, 0)), ("b", Tower(first, 1))]);
        var two = Composer.Compose(one, [("c", Tower(second, 0)), ("d", Tower(second, 1))]);
        var three = Composer.Compose(two, [("e", Tower(third, 0))]);
        OfficialChecker.Check(three);
        Assert.That(WeightsHash.Of(three), Is.EqualTo(third.WeightsHash()));
        Assert.That(Cclm.Training.App.CompositionCheck.Parity(third, three, SmallParts.Preprocessor.Encode(Words)), Is.LessThan(1e-5));
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, Types);
        folder.SaveParts(third, SmallParts.Preprocessor);
        using var loaded = folder.LoadComposed(SmallParts.Preprocessor);
        Assert.That(loaded.WeightsHash(), Is.EqualTo(third.WeightsHash()));
    }

    static ModelProto Edited(ModelProto head)
    {
        ModelProperties.Write(head, [new("cclm.head", """{"task":"categorical","labels":["one"],"towers":[]}""")]);
        return head;
    }

    /// <summary>A base with two towers of different widths; deep, on a composition itself.</summary>
    sealed class Parts : IDisposable
    {
        public Parts(bool deep = false)
        {
            random.manual_seed(1);
            Embedder embedder = SmallParts.Embedder();
            embedder = deep ? new ComposedModel(embedder, ("x", SmallParts.Tower(embedder))) : embedder;
            Model = new(embedder, ("a", SmallParts.Tower(embedder)), ("b", new ConvTower(embedder, 5)));
            Whole = new(Model);
        }

        public ComposedModel Model { get; }

        WholeModel Whole { get; }

        public IEnumerable<(string Name, Layer Layer)> Named => [("base", Model.Base), .. Model.Towers.Select(tower => (tower.Name, (Layer)tower.Tower))];

        public CategoricalPretrainer Categorical(HeadOptions? head = null) => new("h", SmallParts.Preprocessor, Model, Whole, Words, head: head);

        public Pretrainer Tuner(string task) => task switch
        {
            "categorical" => Categorical(),
            "multi-label" => new MultiLabelPretrainer("h", SmallParts.Preprocessor, Model, Whole, Words),
            _ => new TaggingPretrainer("h", SmallParts.Preprocessor, Model, Whole, new TagSet(["animal"], TagScheme.Bioes)),
        };

        public ModelProto Export(string part) => part == "base" ? ModelExporter.Export(Model.Base, SmallParts.Preprocessor)
            : ModelExporter.Export(Model.Towers.First(tower => tower.Name == part).Tower, Model.Base, SmallParts.Preprocessor);

        public ModelProto Head(int seed = 3)
        {
            random.manual_seed(seed);
            using var head = new Head(SmallParts.HeadOf(Model.Width, HeadTask.Categorical));
            return ModelExporter.Export(head, HeadBase.Of(Model), SmallParts.Preprocessor);
        }

        public ModelProto Compose(IReadOnlyList<(string, ModelProto)> heads) =>
            Composer.Compose(Export("base"), [("a", Export("a")), ("b", Export("b"))], new() { Pooling = new(Pooling.MeanMax), Heads = heads });

        /// <summary>How far the weights of a part will have moved, the median of them.</summary>
        public static Func<double> Watch(nn.Module part)
        {
            var before = part.parameters().Select(weight => weight.data<float>().ToArray()).ToArray();
            return () => Middle([.. part.parameters().Zip(before).SelectMany(pair => pair.First.data<float>().ToArray().Zip(pair.Second, (now, then) => Math.Abs((double)now - then))).Where(moved => moved > 0)]);
        }

        static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);

        public void Dispose()
        {
            Whole.Dispose();
            Model.Dispose();
        }
    }

    sealed class Stop(int step, CancellationTokenSource cancellation) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                cancellation.Cancel();
            }
        }
    }
}
