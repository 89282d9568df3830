using Cclm.Export;
using Cclm.Tests.Export;
using Cclm.Training;
using NUnit.Framework;
using Onnx;
using static Cclm.Tests.Training.FineTuneParts;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>A head on a composed model: what is trained and what is kept.</summary>
[Parallelizable]
public sealed class FineTuneTests : TorchFixture
{
    /// <summary>What is kept, by names of parts.</summary>
    static readonly string[] KeptNames = ["", "base", "a", "a b", "base a b"];

    [TestCaseSource(nameof(KeptNames))]
    public void WhatIsKeptKeepsItsBytesAndItsGraphAndTheRestChanges(string names)
    {
        using var parts = new FineTuneParts();
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
        using var parts = new FineTuneParts();
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
        using var parts = new FineTuneParts(deep: true);
        using var tuner = parts.Categorical();
        var layers = new[] { ("head", FineTuneParts.Watch(tuner.Modules[2].Module)), ("top", FineTuneParts.Watch(parts.Model.Towers[0].Tower)), ("lower", FineTuneParts.Watch(((ComposedModel)parts.Model.Base).Towers[0].Tower)), ("base", FineTuneParts.Watch(((ComposedModel)parts.Model.Base).Base)) };
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
            using var parts = new FineTuneParts();
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
                using var parts = new FineTuneParts();
                using var tuner = parts.Categorical();
                using var cancellation = new CancellationTokenSource();
                tuner.Train(Rows, options with { ReportEvery = 1 }, folder: new(temp.Path), progress: new StopAt(stop, cancellation), cancellation: cancellation.Token);
                hash = parts.Model.WeightsHash();
            }
            return hash;
        }
        Assert.That(Train(3, 6, 13), Is.EqualTo(Train()));
    }

    [Test]
    public void ThreeCompositionsOnEachOtherTrainAndExport()
    {
        random.manual_seed(1);
        using var embedder = SmallParts.Embedder();
        using var first = new ComposedModel(embedder, ("a", SmallParts.Tower(embedder)), ("b", new ConvTower(embedder, 5)));
        using var second = new ComposedModel(first, ("c", new ConvTower(first, 10)), ("d", new ConvTower(first, 5)));
        using var third = new ComposedModel(second, ("e", new ConvTower(second, 7)));
        using (var pretrainer = new CategoricalPretrainer("e", SmallParts.Preprocessor, second, third.Towers[0].Tower, FineTuneParts.Words))
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
        Assert.That(Cclm.Training.App.CompositionCheck.Parity(third, three, SmallParts.Preprocessor.Encode(FineTuneParts.Words)), Is.LessThan(1e-5));
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, Types);
        folder.SaveParts(third, SmallParts.Preprocessor);
        using var loaded = folder.LoadComposed(SmallParts.Preprocessor);
        Assert.That(loaded.WeightsHash(), Is.EqualTo(third.WeightsHash()));
    }
}
