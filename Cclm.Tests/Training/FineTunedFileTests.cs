using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Training;
using NUnit.Framework;
using Onnx;
using static Cclm.Tests.Training.FineTuneParts;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>A head that was trained on a composed model ships in one file with it.</summary>
[Parallelizable]
public sealed class FineTunedFileTests : TorchFixture
{
    [TestCase("categorical")]
    [TestCase("multi-label")]
    [TestCase("tagging")]
    public void OneFileAnswersAsTheModelDoes(string task)
    {
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, Types);
        using var parts = new FineTuneParts();
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
        using var parts = new FineTuneParts();
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
        using var parts = new FineTuneParts();
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
        using var parts = new FineTuneParts();
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

    static readonly Dictionary<string, (string Expected, Func<FineTuneParts, ModelProto> Act)> Strangers = new()
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
        using var parts = new FineTuneParts();
        Assert.That(() => Strangers[name].Act(parts), Throws.Exception.With.Message.Contains(Strangers[name].Expected));
    }

    static ModelProto Edited(ModelProto head)
    {
        ModelProperties.Write(head, [new("cclm.head", """{"task":"categorical","labels":["one"],"towers":[]}""")]);
        return head;
    }
}
