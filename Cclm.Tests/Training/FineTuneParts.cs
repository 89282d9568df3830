using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using Onnx;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>A base with two towers of different widths; deep, on a composition itself.</summary>
sealed class FineTuneParts : IDisposable
{
    public static readonly string[] Words = ["the quick brown fox", "jumps over the lazy dog", "pack my box with five"];
    public static readonly LabelledText[] Rows = [.. Enumerable.Range(0, 48).Select(i => new LabelledText(Words[i % 3], $"{Words[i % 3]}{new string('.', i % 4)}"))];
    public static readonly TrainingOptions Options = new() { Steps = 60, BatchSize = 8, LearningRate = 5e-3, ReportEvery = 20 };

    public static PartTypes Types => new PartTypes().AddTower<ConvTower, ConvTowerOptions>("conv", (on, options) => new(on, options.Width));

    public FineTuneParts(bool deep = false)
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
