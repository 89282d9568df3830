using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using Onnx;

namespace Cclm.Benchmarks;

/// <summary>The model that is measured beside PyTorch: 128 characters of width 32, 2 convolution blocks of 128 filters, 2 transformer layers of 8 heads, texts of 256 characters.</summary>
sealed class ReferenceModel : IDisposable
{
    public const int Length = 256, Characters = 128;

    readonly Preprocessor preprocessor;
    readonly ConvEmbedder embedder;
    readonly TransformerTower tower;
    readonly CharacterMaskPretrainer pretrainer;

    public ReferenceModel()
    {
        preprocessor = new(Vocabulary.Fit([string.Concat(Enumerable.Range(32, Characters - Vocabulary.FirstCharacter).Select(i => (char)i))]), new() { MaxLength = Length });
        embedder = new(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = Length, Blocks = 2, Filters = 128, GlobalFilters = 32 });
        tower = new(embedder, new() { Layers = 2, Heads = 8, FeedForward = 256 });
        pretrainer = new("tower", preprocessor, embedder, tower, new() { AskForAll = true });
    }

    /// <summary>Texts of full length, each character of which is asked for.</summary>
    public Batch Batch(int rows)
    {
        var random = new Random(1);
        return Training.Batch.Of([.. Enumerable.Range(0, rows).Select(_ => pretrainer.Example(ServedModel.Text(random, Length - 1), random))]);
    }

    /// <summary>Steps on one batch in memory.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="precision">What products are computed in.</param>
    /// <param name="steps">How many.</param>
    /// <param name="done">Is told after each.</param>
    public void Train(Batch batch, Precision precision, int steps, Action<int> done) =>
        BareSteps.Train(pretrainer, RowSource.Of<string>(["a text"]), batch, new() { LearningRate = 3e-4, Precision = precision, Steps = steps }, done);

    /// <summary>The embedder and the tower as ONNX.</summary>
    public (ModelProto Embedder, ModelProto Tower) Export() => (ModelExporter.Export(embedder, preprocessor), ModelExporter.Export(tower, embedder, preprocessor));

    /// <summary>10^9 operations of vectors of full length, without pooling.</summary>
    public static double GigaFlop(int rows)
    {
        using var model = new ReferenceModel();
        var (embedder, tower) = model.Export();
        return ModelCost.Of(Composer.Compose(embedder, [("tower", tower)]), rows, Length).All.GigaFlop;
    }

    public void Dispose()
    {
        pretrainer.Dispose();
        tower.Dispose();
        embedder.Dispose();
    }
}
