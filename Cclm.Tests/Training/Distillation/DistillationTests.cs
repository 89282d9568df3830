using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training.Distillation;

/// <summary>The losses of distillation, at sizes of a batch where a mistake shows.</summary>
[Parallelizable]
public sealed class DistillationTests : TorchFixture
{
    static readonly string[] Texts = [.. Enumerable.Range(0, 9).Select(i => SmallParts.Text(3 + i, new(i)))];

    [TestCase(DistillationLoss.Cosine, 1)]
    [TestCase(DistillationLoss.Cosine, 9)]
    [TestCase(DistillationLoss.Mse, 1)]
    [TestCase(DistillationLoss.Mse, 9)]
    [TestCase(DistillationLoss.Similarity, 1)]
    [TestCase(DistillationLoss.Similarity, 2)]
    [TestCase(DistillationLoss.Similarity, 9)]
    public void GradientsAreNumbersInABatchOfAnySize(DistillationLoss loss, int size)
    {
        using var scope = NewDisposeScope();
        using var pretrainer = Pretrainer(TfIdfVectors.Of(Texts, 5), loss);
        var batch = Batch.Of([.. Texts[..size].Select(text => pretrainer.Example(text, new(1)))]);
        var learned = pretrainer.LossOf(pretrainer.Read(batch), batch, smoothing: 0).Loss;
        learned.backward();
        Assert.That(learned.isfinite().item<bool>(), Is.True);
        Assert.That(pretrainer.Tower.parameters().Concat(pretrainer.Embedder.parameters()).All(weight => weight.grad is null || weight.grad.isfinite().all().item<bool>()), Is.True);
    }

    [TestCase(DistillationLoss.Cosine, 3)]
    [TestCase(DistillationLoss.Mse, 1)]
    [TestCase(DistillationLoss.Similarity, 3)]
    public void TheLossOfATeacherThatSaysTheSameIsNothing(DistillationLoss loss, float length)
    {
        using var frozen = no_grad();
        float[][] said = [.. Texts.Select(text => Student(text, loss).Select(value => length * value).ToArray())];
        using var pretrainer = Pretrainer(said, loss);
        Assert.That(pretrainer.Evaluate(Texts).Loss, Is.EqualTo(0).Within(1e-6));
        Assert.That(pretrainer.Evaluate(Texts)["correlation of similarities"], Is.EqualTo(1).Within(1e-4));
        using var turned = Pretrainer([.. said.Reverse()], loss);
        Assert.That(turned.Evaluate(Texts).Loss, Is.GreaterThan(1e-3), "Each text has another's vector.");
    }

    /// <summary>The head measures means and variances while it trains; they belong to the weights of their step.</summary>
    [TestCase(0)]
    [TestCase(13)]
    public void TheBestStepIsKeptWithWhatTheHeadMeasuredByThen(int stopAfter)
    {
        using var folder = new TempFolder();
        var options = new TrainingOptions { Steps = 40, BatchSize = 4, LearningRate = 1e-2, Warmup = 0, ReportEvery = 1, EvaluateEvery = 5, CheckpointEvery = 100 };
        var told = new List<TrainingProgress>();
        double best;
        using (var first = Contrary())
        {
            using var stop = new CancellationTokenSource();
            var result = first.Train(Texts[..6], options, Texts[6..], new(folder.Path), new Reports(progress =>
            {
                told.Add(progress);
                if (progress.Step == stopAfter)
                {
                    stop.Cancel();
                }
            }), stop.Token);
            best = told.Min(progress => progress.HeldOut?.Loss ?? double.MaxValue);
            Assert.That(result.Cancelled, Is.EqualTo(stopAfter > 0));
            Assert.That(first.Evaluate(Texts[6..]).Loss, stopAfter == 0 ? Is.EqualTo(best).Within(1e-6) : Is.Not.EqualTo(best).Within(1e-6));
        }
        using var again = Contrary();
        again.Train(Texts[..6], options, Texts[6..], new(folder.Path));
        Assert.That(again.Evaluate(Texts[6..]).Loss, Is.EqualTo(best).Within(1e-6));
    }

    /// <summary>A student whose teacher says the contrary of the texts that are held out, so that it was best at first.</summary>
    static DistillationPretrainer Contrary() => Pretrainer([.. Texts.Select((_, i) => i < 6 ? (float[])[1, 2, 3] : [-1, -2, -3])], DistillationLoss.Mse);

    sealed class Reports(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    [Test]
    public void TheNearestTextsAreShown()
    {
        float[][] vectors = [[1, 0, 0], [0, 1, 0], [0.9f, 0.1f, 0], [0, 0.8f, 0.2f]];
        using var teacher = new VectorTable("list", vectors, Texts[..4]);
        var embedder = SmallParts.Embedder();
        using var pretrainer = new DistillationPretrainer("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), teacher);
        Assert.That(pretrainer.Samples(Texts[..4]).Select(sample => sample.Expected), Is.EqualTo((string[])[Texts[2], Texts[3], Texts[0], Texts[1]]));
    }

    /// <summary>What an untrained student says of a text: the vectors that are compared.</summary>
    static float[] Student(string text, DistillationLoss loss)
    {
        using var scope = NewDisposeScope();
        using var pretrainer = Pretrainer(TfIdfVectors.Of(Texts, 5), loss);
        pretrainer.SetTraining(false);
        return pretrainer.AnswerTo(Batch.Of([pretrainer.Example(text, new(1))])).Output.cpu().data<float>().ToArray();
    }

    static DistillationPretrainer Pretrainer(float[][] vectors, DistillationLoss loss)
    {
        var embedder = SmallParts.Embedder();
        return new("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), new VectorTable("list", vectors, Texts), loss);
    }
}
