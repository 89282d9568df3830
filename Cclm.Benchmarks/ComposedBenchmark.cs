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
    const int Rounds = 11, Rows = 32, Length = 256, Towers = 3;

    public static void Run()
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit([string.Concat(Enumerable.Range(32, 124).Select(i => (char)i))]), new() { MaxLength = Length });
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = Length, Blocks = 2, Filters = 128, GlobalFilters = 32 });
        (string, ModelProto)[] towers = [.. Enumerable.Range(0, Towers).Select(i =>
            ($"tower{i}", ModelExporter.Export(new TransformerTower(embedder, new() { Layers = 1 }), embedder, preprocessor)))];
        var root = ModelExporter.Export(embedder, preprocessor);
        using var composed = Session(Composer.Compose(root, towers));
        var separate = towers.Select(tower => Session(Composer.Compose(root, [tower]))).ToArray();
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, Rows * Length).Select(_ => (long)random.Next(Vocabulary.FirstCharacter, preprocessor.Vocabulary.Count))];

        var times = Measure.InTurns(Rounds, () => Embed(composed, ids), () => Array.ForEach(separate, session => Embed(session, ids)));
        var ratios = times[1].Zip(times[0], (apart, together) => apart / together).ToArray();
        Console.WriteLine($"\n| {Towers} towers, batch {Rows} x {Length}, 2 embedder blocks of 128 filters, 1 transformer layer a tower | ms, median of {Rounds} |\n|---|---|");
        Console.WriteLine($"| composed graph | {Measure.Median(times[0]) * 1e3:F1} |\n| {Towers} sessions of embedder and tower | {Measure.Median(times[1]) * 1e3:F1} |");
        Console.WriteLine($"| ratio, pair by pair | {Measure.Median(ratios):F2}x ({ratios.Min():F2} to {ratios.Max():F2}) |");
        Array.ForEach(separate, session => session.Dispose());
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
