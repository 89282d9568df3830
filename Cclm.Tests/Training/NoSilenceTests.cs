using Cclm.Training;
using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Law 5: what can not be trained, saved or exported says so, and names itself.</summary>
public sealed class NoSilenceTests
{
    sealed class Unregistered(Embedder embedder) : OneLinear(embedder, register: false);

    class OneLinear : Tower
    {
        readonly Linear[] hidden;       // an array registers nothing

        public OneLinear(Embedder embedder, bool register) : base(embedder, embedder.Width, new object())
        {
            hidden = [nn.Linear(embedder.Width, embedder.Width)];
            if (register)
            {
                register_module("hidden", hidden[0]);
            }
            RegisterComponents();
        }

        public override Value forward(Value x) => hidden[0].call(x);
    }

    sealed class BadKey : Tower
    {
        Linear Down { get; }

        public BadKey(Embedder embedder) : base(embedder, embedder.Width, new object())
        {
            Down = nn.Linear(embedder.Width, embedder.Width);
            RegisterComponents();
        }

        public override Value forward(Value x) => Down.call(x);
    }

    sealed class Unexportable(Embedder embedder) : Tower(embedder, embedder.Width, new object())
    {
        public override Value forward(Value x) => Sorted(x);

        static Value Sorted(Value x) => x.TrainingOp(tensor => tensor.sort(-1).Values);
    }

    sealed class TakesATensor(Embedder embedder) : Tower(embedder, embedder.Width, new object())
    {
        public override Value forward(Value x) => new Value.Torch(((Value.Torch)x).Tensor.mul(Scalars.Kept(2)));
    }

    sealed class Strided(Embedder embedder) : Tower(embedder, embedder.Width, new object())
    {
        readonly Conv1d conv = nn.Conv1d(embedder.Width, embedder.Width, 3, stride: 2L, padding: 1L);

        public override Value forward(Value x) => conv.call(x);
    }

    static readonly Dictionary<string, (Func<Embedder, Tower> Make, string Named)> Faulty = new()
    {
        ["a layer that is not registered"] = (e => new Unregistered(e), "Linear"),
        ["a key that files can not carry"] = (e => new BadKey(e), "Down"),
        ["an op without an ONNX meaning"] = (e => new Unexportable(e), "'Sorted'"),
        ["a forward on tensors"] = (e => new TakesATensor(e), nameof(TakesATensor)),
        ["a convolution that changes the length"] = (e => new Strided(e), "stride 2"),
    };

    static IEnumerable<string> FaultyNames => Faulty.Keys;

    [TestCaseSource(nameof(FaultyNames))]
    public void AFaultIsNamedBeforeTrainingBegins(string name)
    {
        var embedder = SmallParts.Embedder();
        using var pretrainer = new CharacterMaskPretrainer("t", SmallParts.Preprocessor, embedder, Faulty[name].Make(embedder));
        Assert.That(() => pretrainer.Train(["some text"], new() { Steps = 1 }),
            Throws.InstanceOf<NotSupportedException>().Or.InstanceOf<InvalidOperationException>().With.Message.Contains(Faulty[name].Named));
    }

    [Test]
    public void TheSameTowerRegisteredTrains()
    {
        var embedder = SmallParts.Embedder();
        using var pretrainer = new CharacterMaskPretrainer("t", SmallParts.Preprocessor, embedder, new OneLinear(embedder, register: true));
        Assert.That(pretrainer.Train(["some text"], new() { Steps = 1 }).Steps, Is.EqualTo(1));
    }

    static readonly Dictionary<string, Func<Embedder>> Models = new()
    {
        ["embedder"] = () => SmallParts.Embedder(),
        ["composed"] = () => Compose(SmallParts.Embedder()),
        ["nested"] = () => Compose(Compose(SmallParts.Embedder())),
    };

    static IEnumerable<string> ModelNames => Models.Keys;

    [TestCaseSource(nameof(ModelNames))]
    public void EveryParameterReceivesAGradient(string name)
    {
        using var model = Models[name]();
        using var ids = tensor(SmallParts.Preprocessor.Encode([SmallParts.Text(39, new(1)), "a"]).Ids).view(2, -1);
        var hidden = ((Value.Torch)model.forward(new Value.Torch(ids))).Tensor;
        hidden.mul(randn_like(hidden)).sum().backward();
        Assert.That(model.named_parameters().Where(p => p.parameter.grad is null || p.parameter.grad.count_nonzero().item<long>() == 0).Select(p => p.name), Is.Empty);
        Assert.That(model.named_parameters().Count(), Is.GreaterThan(10));
        Assert.That(model.CheckKeys, Throws.Nothing);
    }

    [TestCaseSource(nameof(ModelNames))]
    public void EvaluationHasNoDropoutAndTrainingHas(string name)
    {
        using var frozen = no_grad();
        using var model = Models[name]();
        using var ids = tensor(SmallParts.Preprocessor.Encode(["some text"]).Ids).view(1, -1);
        bool Repeats()
        {
            var runs = Enumerable.Range(0, 2).Select(_ => ((Value.Torch)model.forward(new Value.Torch(ids))).Tensor.contiguous()).ToArray();
            return runs[0].eq(runs[1]).all().item<bool>();
        }
        model.eval();
        Assert.That(Repeats(), Is.True);
        model.train();
        Assert.That(Repeats(), Is.False);
        model.Freeze();
        model.train();
        Assert.That(Repeats(), Is.True, "A frozen layer stays in evaluation.");
        model.Unfreeze();
        model.train();
        Assert.That(Repeats(), Is.False);
    }

    static readonly Dictionary<string, (Action Make, string Named)> Impossible = new()
    {
        ["heads that do not divide"] = (() => new TransformerTower(SmallParts.Embedder(), new() { Heads = 3 }), "3 heads do not divide 10 channels"),
        ["an even kernel"] = (() => new ConvEmbedder(SmallParts.EmbedderOptions with { KernelSize = 4 }), "KernelSize is 4"),
        ["n-grams of words without a vocabulary"] = (() => new ConvEmbedder(SmallParts.EmbedderOptions with { NGrams = [2], WordNGrams = true }), "Pass the vocabulary"),
        ["fewer blocks than none"] = (() => new ConvEmbedder(SmallParts.EmbedderOptions with { Blocks = -1 }), "Blocks is -1"),
        ["dropout of 1"] = (() => new ConvEmbedder(SmallParts.EmbedderOptions with { Dropout = 1 }), "Dropout is 1"),
        ["no layers"] = (() => new TransformerTower(SmallParts.Embedder(), new() { Layers = 0, Heads = 5 }), "0 layers"),
        ["no towers"] = (() => new ComposedModel(SmallParts.Embedder()), "at least one tower"),
        ["two towers of one name"] = (() => Named("a", "a"), "'a'"),
        ["a name that is no key"] = (() => Named("a-b"), "a-b"),
        ["a tower of another width"] = (() => new ComposedModel(SmallParts.Embedder(), ("a", SmallParts.Tower(new ConvEmbedder(SmallParts.EmbedderOptions with { Filters = 5 })))), "reads 5 channels but the embedder writes 10"),
    };

    static IEnumerable<string> ImpossibleNames => Impossible.Keys;

    [TestCaseSource(nameof(ImpossibleNames))]
    public void WhatCanNotBeMadeSaysWhy(string name) =>
        Assert.That(() => Impossible[name].Make(), Throws.InstanceOf<ArgumentException>().Or.InstanceOf<InvalidOperationException>().With.Message.Contains(Impossible[name].Named));

    static ComposedModel Named(params string[] names) => SmallParts.Embedder() is var embedder ? new(embedder, [.. names.Select(name => (name, (Tower)SmallParts.Tower(embedder)))]) : null!;

    static ComposedModel Compose(Embedder embedder) => new(embedder, ("a", SmallParts.Tower(embedder)), ("b", new ConvTower(embedder, 5)));
}
