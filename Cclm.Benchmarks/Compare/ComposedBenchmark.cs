using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Cclm.Benchmarks;

/// <summary>One composed graph of three towers, which runs the embedder once, against three sessions of embedder and tower.</summary>
static class ComposedBenchmark
{
    const int Times = 5, Rows = 32, Length = 256, Towers = 3;

    public static Comparison Comparison()
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit([string.Concat(Enumerable.Range(32, 124).Select(i => (char)i))]), new() { MaxLength = Length });
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = Length, Blocks = 2, Filters = 128, GlobalFilters = 32 });
        (string, ModelProto)[] towers = [.. Enumerable.Range(0, Towers).Select(i =>
            ($"tower{i}", ModelExporter.Export(new TransformerTower(embedder, new() { Layers = 1 }), embedder, preprocessor)))];
        var root = ModelExporter.Export(embedder, preprocessor);
        var whole = Composer.Compose(root, towers);
        var composed = Session(whole);
        var separate = towers.Select(tower => Session(Composer.Compose(root, [tower]))).ToArray();
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, Rows * Length).Select(_ => (long)random.Next(Vocabulary.FirstCharacter, preprocessor.Vocabulary.Count))];
        return new($"{Towers} towers of a layer, {Rows} x {Length}", "characters", Rows * Length, 1,
        [
            new("ours, one composed graph", () => Measure.Sample(Times, () => Embed(composed, ids)), ModelCost.Of(whole, Rows, Length).All.GigaFlop),
            new("an embedder and a tower, three times", () => Measure.Sample(Times, () => Array.ForEach(separate, session => Embed(session, ids)))),
        ]);
    }

    static InferenceSession Session(ModelProto model)
    {
        OnnxRuntimeEnvironment.Prepare();
        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
        return new(model.ToByteArray(), options);
    }

    static void Embed(InferenceSession session, long[] ids)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(ids, [Rows, Length]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["ids"], [input], ["hidden"]);
    }
}
