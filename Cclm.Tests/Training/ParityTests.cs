using Cclm.Export;
using Cclm.Tests.Export;
using Cclm.Training;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using static Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Law 2: what TorchSharp computes, ONNX Runtime computes.</summary>
[Parallelizable]
public sealed class ParityTests : TorchFixture
{
    const double Tolerance = 1e-5;
    const int Channels = 10;

    /// <summary>Batch, length, and how many positions of each text are padding (for the first text, the second, ..).</summary>
    static readonly (long Batch, long Length, long[] Padding)[] Shapes =
    [
        (3, 7, [0, 0, 0]), (3, 7, [0, 2, 6]), (1, 1, [0]), (2, 13, [13, 5]), (5, 2, [0, 1, 0, 2, 1]),
    ];

    /// <summary>Every op and stock layer by its name, as a function of a value [B,T,10].</summary>
    static readonly Dictionary<string, Func<OpFixture, Value, Value>> Ops = new()
    {
        ["relu"] = (_, x) => x.relu(),
        ["leaky_relu"] = (_, x) => x.leaky_relu(0.1f),
        ["gelu"] = (_, x) => x.gelu(),
        ["tanh"] = (_, x) => x.tanh(),
        ["cat"] = (_, x) => x.cat(x * 2f, x.relu()),
        ["zero_padding"] = (_, x) => x.zero_padding(),
        ["max_over_time"] = (_, x) => x.max_over_time(),
        ["sum_over_time"] = (_, x) => x.sum_over_time(),
        ["mean_over_time"] = (_, x) => x.mean_over_time(),
        ["last_over_time"] = (_, x) => x.last_over_time(),
        ["softmax_over_time"] = (_, x) => x.softmax_over_time().zero_padding(),
        ["squeeze_time"] = (_, x) => x.max_over_time().squeeze_time(),
        ["repeat_over_time"] = (_, x) => x.max_over_time().repeat_over_time(x),
        ["max_over_time, then a convolution"] = (f, x) => x.cat(f.conv.call(x.max_over_time()).repeat_over_time(x)),
        ["max_over_time, then attention"] = (f, x) => f.tripled.call(x.max_over_time()).attention(5, 2) + x,
        ["positions"] = (f, x) => x + f.embedding.call(x.positions()),
        ["attention"] = (f, x) => f.tripled.call(x).attention(5, 2).zero_padding(),
        ["attention, causal"] = (f, x) => f.tripled.call(x).attention(5, 2, causal: true).zero_padding(),
        ["running_max"] = (_, x) => x.running_max(13),
        ["op_Addition"] = (_, x) => x + x.relu(),
        ["op_Multiply"] = (_, x) => x * x.relu() * 0.3f,
        ["Linear"] = (f, x) => f.linear.call(x),
        ["Linear without bias"] = (f, x) => f.unbiased.call(x),
        ["Conv1d"] = (f, x) => f.conv.call(x),
        ["Conv1d dilated, grouped, without bias"] = (f, x) => f.dilated.call(x),
        ["Conv1d causal"] = (f, x) => f.unpadded.causal(x),
        ["Conv1d strided"] = (f, x) => f.striding.strided(x).upsample(3, x),
        ["upsample"] = (f, x) => f.striding.strided(x).upsample(3, x) + x,
        ["strided, then attention"] = (f, x) => f.tripled.call(f.striding.strided(f.striding.strided(x))).attention(5, 2).upsample(9, x),
        ["LayerNorm"] = (f, x) => f.norm.call(x),
        ["Embedding"] = (f, x) => x + f.embedding.call(x.positions()),
        ["Dropout"] = (f, x) => f.drop.call(x),
    };

    static readonly Dictionary<string, Func<Layer>> Layers = new()
    {
        ["GlobalBroadcast"] = () => new GlobalBroadcast(Channels, 3),
        ["ConvBlock"] = () => new ConvBlock(Channels, SmallParts.EmbedderOptions),
        ["GlobalBroadcast, causal"] = () => new GlobalBroadcast(Channels, 3, causal: 13),
        ["ConvBlock, causal"] = () => new ConvBlock(Channels, SmallParts.EmbedderOptions with { Causal = true }),
        ["TransformerBlock, causal"] = () => new TransformerBlock(Channels, SmallParts.TowerOptions with { Causal = true }),
        ["TransformerBlock pre-norm"] = () => new TransformerBlock(Channels, SmallParts.TowerOptions),
        ["TransformerBlock post-norm"] = () => new TransformerBlock(Channels, SmallParts.TowerOptions with { Norm = NormPlacement.Post }),
        ["StridedTower"] = () => new StridedTower(SmallParts.Embedder(), new() { Heads = 5, FeedForward = 14 }),
        ["StridedTower of stride 3"] = () => new StridedTower(SmallParts.Embedder(), new() { Stride = 3, Downsamples = 1, Layers = 1, Heads = 2, FeedForward = 9 }),
        ["FeedForwardTower"] = () => new FeedForwardTower(SmallParts.Embedder(), new() { Layers = 2, FeedForward = 7 }),
        ["TransformerTower pre-norm"] = () => SmallParts.Tower(SmallParts.Embedder()),
        ["TransformerTower post-norm"] = () => SmallParts.Tower(SmallParts.Embedder(), NormPlacement.Post),
        ["WholeModel"] = () => new WholeModel((ComposedModel)Compose(SmallParts.Embedder())),
        ["Head, Mean"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Categorical) with { Options = new() { Pooling = HeadPooling.Mean } }),
        ["Head, Max"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Categorical) with { Options = new() { Pooling = HeadPooling.Max } }),
        ["Head, MeanMax"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Categorical) with { Options = new() { Pooling = HeadPooling.MeanMax } }),
        ["Head, Cls"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Categorical) with { Options = new() { Pooling = HeadPooling.Cls } }),
        ["Head, Attention"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Categorical) with { Options = new() { Pooling = HeadPooling.Attention } }),
        ["Head that tags"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Tagging)),
        ["Head without LayerNorm"] = () => new Head(SmallParts.HeadOf(Channels, HeadTask.Categorical) with { Options = new() { LayerNorm = false } }),
    };

    static readonly Dictionary<string, Func<Embedder>> Embedders = new()
    {
        ["ConvEmbedder"] = () => SmallParts.Embedder(),
        ["ConvEmbedder, causal"] = () => SmallParts.CausalEmbedder(),
        ["ConvEmbedder, n-grams alone"] = () => new ConvEmbedder(SmallParts.EmbedderOptions with { NGrams = [3, 4], NGramBuckets = 41, Blocks = 0 }),
        ["ConvEmbedder, n-grams"] = () => new ConvEmbedder(SmallParts.EmbedderOptions with { NGrams = [2, 3, 16], NGramBuckets = 37 }),
        ["ConvEmbedder, n-grams of words"] = () => SmallParts.WordNGrams(),
        ["ComposedModel, causal"] = () => ComposeOne(SmallParts.CausalEmbedder(), SmallParts.CausalTower),
        ["ComposedModel of one"] = () => ComposeOne(SmallParts.Embedder(), embedder => SmallParts.Tower(embedder)),
        ["ComposedModel of two"] = () => Compose(SmallParts.Embedder()),
        ["ComposedModel on a ComposedModel"] = () => Compose(Compose(SmallParts.Embedder())),
    };

    static IEnumerable<TestCaseData> Rows(IEnumerable<string> names) =>
        from name in names from shape in Enumerable.Range(0, Shapes.Length) select new TestCaseData(name, shape);

    static IEnumerable<TestCaseData> OpRows => Rows(Ops.Keys);
    static IEnumerable<TestCaseData> LayerRows => Rows(Layers.Keys);
    static IEnumerable<TestCaseData> EmbedderRows => Rows(Embedders.Keys);

    [TestCaseSource(nameof(OpRows))]
    public void AnOpMeansTheSameInBoth(string name, int shape)
    {
        using var fixture = new OpFixture(Ops[name]);
        fixture.eval();
        AssertParity(fixture, Shapes[shape]);
    }

    [TestCaseSource(nameof(LayerRows))]
    public void ALayerComputesTheSameInBoth(string name, int shape)
    {
        using var layer = Layers[name]();
        layer.eval();
        AssertParity(layer, Shapes[shape]);
    }

    [TestCaseSource(nameof(EmbedderRows))]
    public void AnEmbedderComputesTheSameInBoth(string name, int shape)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var embedder = Embedders[name]();
        embedder.eval();
        var (batch, length, padding) = Shapes[shape];
        random.manual_seed(3);
        var ids = randint(2, embedder.Vocabulary, [batch, length], ScalarType.Int64) * Mask(batch, length, padding).to(ScalarType.Int64);
        var expected = ((Value.Torch)embedder.forward(new Value.Torch(ids))).Tensor;
        var (actual, actualShape) = OnnxRun.Run<float>(ModelExporter.Export(embedder, SmallParts.Preprocessor), "hidden", OnnxRun.Tensor("ids", ids.data<long>().ToArray(), batch, length));
        AssertClose(expected, tensor(actual).view(actualShape), ids.ne(Scalars.Kept(0)));
    }

    /// <summary>Law 2's own guard: an op without a row above is an op that nobody compared.</summary>
    [Test]
    public void EveryOpHasARow()
    {
        var ops = typeof(SequenceOps).GetMethods().Concat(typeof(PoolingOps).GetMethods()).Concat(typeof(Value).GetMethods().Where(method => method.IsSpecialName && method.Name.StartsWith("op_", StringComparison.Ordinal)))
            .Where(method => method.IsStatic && method.Name is not ("op_Equality" or "op_Inequality")).Select(method => method.Name)
            .Concat(typeof(LayerOps).GetMethods().Where(method => method.IsStatic && method.GetParameters().Length > 1)
                .Select(method => $"{method.GetParameters()[0].ParameterType.Name} {method.Name}".Replace(" call", "", StringComparison.Ordinal)))
            .Distinct().ToArray();
        Assert.That(ops, Has.Length.GreaterThan(15));
        string[] rows = [.. Ops.Keys, "with_mask", "ngrams"];     // take ids, not values: the embedders run them
        Assert.That(ops.Except(rows), Is.Empty, "Ops without a parity row.");
    }

    /// <summary>Compares an op of anyone's at every shape.</summary>
    public static void AssertParity(Func<Value, Value> op)
    {
        using var fixture = new OpFixture((_, x) => op(x));
        Assert.Multiple(() =>
        {
            foreach (var shape in Shapes)
            {
                AssertParity(fixture, shape);
            }
        });
    }

    static ComposedModel ComposeOne(Embedder embedder, Func<Embedder, Tower> tower) => new(embedder, ("a", tower(embedder)));

    static ComposedModel Compose(Embedder embedder) => new(embedder, ("a", SmallParts.Tower(embedder)), ("b", new ConvTower(embedder, 5)));

    static void AssertParity(Layer layer, (long Batch, long Length, long[] Padding) shape)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        random.manual_seed(2);
        var (input, mask) = (randn(shape.Batch, shape.Length, Channels), Mask(shape.Batch, shape.Length, shape.Padding));
        var padded = shape.Padding.Any(padding => padding > 0);      // a batch without padding has no mask in torch
        var expected = ((Value.Torch)layer.forward(new Value.Torch(input, padded ? mask : null))).Tensor;
        var graph = new OnnxGraph("layer");
        var value = new Value.Onnx(new Exporter(layer, graph), graph.Input("x", DataType.Float, "B", "T", $"{Channels}"), graph.Input("mask", DataType.Bool, "B", "T"));
        graph.Output("y", ((Value.Onnx)layer.forward(value)).Edge, "B", "t", "c");
        var model = graph.ToModel();
        model.Graph.Output[0].Type = null;
        (string, OrtValue)[] inputs = [OnnxRun.Tensor("x", input.data<float>().ToArray(), input.shape), OnnxRun.Tensor("mask", mask.data<bool>().ToArray(), mask.shape)];
        var (actual, actualShape) = OnnxRun.Run<float>(model, "y", inputs);
        AssertClose(expected, tensor(actual).view(actualShape), mask);
        Assert.That(ShapeLaw.AssertFits(model, inputs).Rank, Is.Empty, "Edges whose type is not inferred: an operator without a row in OperatorRules.");
    }

    /// <summary>Compares what stands at real positions; what is one for the whole text is compared where the text has any.</summary>
    static void AssertClose(Tensor expected, Tensor actual, Tensor mask)
    {
        Assert.That(actual.shape, Is.EqualTo(expected.shape));
        Assert.That(actual.isfinite().all().item<bool>(), Is.True, "Not a number, at a real position or at padding.");
        var real = (expected.shape[1] == mask.shape[1] ? mask : mask.any(1, keepdim: true)).unsqueeze(-1).to(ScalarType.Float32);
        var scale = (expected * real).abs().max().item<float>();
        Assert.That(((actual - expected) * real).abs().max().item<float>(), Is.LessThanOrEqualTo(Tolerance * Math.Max(scale, 1e-3)));
    }

    static Tensor Mask(long batch, long length, long[] padding) =>
        tensor(Enumerable.Range(0, (int)(batch * length)).Select(i => i % length < length - padding[i / length]).ToArray()).view(batch, length);
}
