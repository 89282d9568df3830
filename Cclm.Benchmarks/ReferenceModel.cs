using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using Onnx;
using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>The size of a <see cref="ReferenceModel"/>; that which is measured beside PyTorch where nothing is said.</summary>
sealed record ModelSize
{
    /// <summary>Of a text, CLS with it.</summary>
    public int Length { get; init; } = 256;

    /// <summary>Rows of the table of characters.</summary>
    public int Characters { get; init; } = 128;

    /// <summary>Channels of convolutions and of attention.</summary>
    public int Filters { get; init; } = 128;

    /// <summary>Transformer layers of a tower.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Whether attention is over a quarter of the positions.</summary>
    public bool Strided { get; init; }

    /// <summary>The size of a name: what is measured where nothing is said (one), or a model of ten times its weights (ten).</summary>
    public static ModelSize Named(string name) => name switch
    {
        "one" => new(),
        "ten" => new() { Filters = 384, Layers = 3 },
        _ => throw new ArgumentException($"There is no size '{name}'; expected one or ten."),
    };
}

/// <summary>Characters of width 32, 2 convolution blocks, a tower of transformer layers with 8 heads; every character is asked for.</summary>
sealed class ReferenceModel : IDisposable
{
    public const int Length = 256;

    readonly ModelSize size;
    readonly Preprocessor preprocessor;
    readonly ConvEmbedder embedder;
    readonly Tower tower;

    public ReferenceModel(ModelSize? sizes = null)
    {
        size = sizes ?? new();
        var known = Enumerable.Range(' ', char.MaxValue * 2).Where(code => code is < 0xD800 or > 0xDFFF).Take(size.Characters - Vocabulary.FirstCharacter);
        preprocessor = new(Vocabulary.Fit([string.Concat(known.Select(char.ConvertFromUtf32))]), new() { MaxLength = size.Length, DownsampleFactor = size.Strided ? 4 : 1 });
        embedder = new(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = size.Length, Blocks = 2, Filters = size.Filters, GlobalFilters = 32 });
        tower = MakeTower();
        Pretrainer = new("tower", preprocessor, embedder, tower, new() { AskForAll = true });
    }

    /// <summary>What trains it, with its parts.</summary>
    public CharacterMaskPretrainer Pretrainer { get; }

    /// <summary>Texts of full length, each character of which is asked for.</summary>
    public Batch Batch(int rows)
    {
        var random = new Random(1);
        return Training.Batch.Of([.. Enumerable.Range(0, rows).Select(_ => Pretrainer.Example(ServedModel.Text(random, size.Length - 1), random))]);
    }

    /// <summary>Steps on one batch in memory.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="precision">What products are computed in.</param>
    /// <param name="steps">How many.</param>
    /// <param name="done">Is told after each.</param>
    /// <param name="device">Where to, once and for all.</param>
    public void Train(Batch batch, Precision precision, int steps, Action<int> done, DeviceType device = DeviceType.CPU)
    {
        Pretrainer.To(torch.device(device));
        BareSteps.Train(Pretrainer, RowSource.Of<string>(["a text"]), batch, new() { LearningRate = 3e-4, Precision = precision, Steps = steps }, done);
    }

    /// <summary>How many numbers are trained.</summary>
    public long Parameters => TaskRun.Parameters([Pretrainer.On(RowSource.Of<string>(["a text"]))]).Sum(part => part.Sum(parameter => parameter.numel()));

    /// <summary>Trains as the app does.</summary>
    /// <returns>Seconds of each span between two reports but the first, in which buffers are made.</returns>
    public IReadOnlyList<double> SpansOf(RowSource<string> rows, TrainingOptions options)
    {
        var ends = new List<double>();
        Pretrainer.Train(rows, options, progress: new Reported(progress => ends.Add(progress.Elapsed.TotalSeconds)));
        return [.. ends.Zip(ends.Skip(1), (from, to) => to - from)];
    }

    /// <summary>The embedder as ONNX.</summary>
    public ModelProto ExportEmbedder() => ModelExporter.Export(embedder, preprocessor);

    /// <summary>Towers of the model's size on the embedder, as ONNX, each with weights of its own.</summary>
    public IReadOnlyList<(string Name, ModelProto Model)> ExportTowers(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        using var another = MakeTower();
        return ($"tower{i}", ModelExporter.Export(another, embedder, preprocessor));
    })];

    /// <summary>10^9 operations of vectors of full length, without pooling.</summary>
    public static double GigaFlop(int rows, ModelSize? size = null)
    {
        using var model = new ReferenceModel(size);
        return ModelCost.Of(Composer.Compose(model.ExportEmbedder(), model.ExportTowers(1)), rows, Length).All.GigaFlop;
    }

    Tower MakeTower() => size.Strided
        ? new StridedTower(embedder, new() { Layers = size.Layers, Heads = 8, FeedForward = 2 * size.Filters })
        : new TransformerTower(embedder, new() { Layers = size.Layers, Heads = 8, FeedForward = 2 * size.Filters });

    public void Dispose()
    {
        Pretrainer.Dispose();
        tower.Dispose();
        embedder.Dispose();
    }
}
