using Cclm.Export;
using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Cclm.Benchmarks;

/// <summary>One composed graph of three towers, which runs the embedder once, against three sessions of embedder and tower.</summary>
static class ComposedBenchmark
{
    const int Times = 5, Rows = 32, Length = ReferenceModel.Length, Towers = 3;

    public static Comparison Comparison()
    {
        using var model = new ReferenceModel(new() { Layers = 1 });
        var (root, towers) = (model.ExportEmbedder(), model.ExportTowers(Towers));
        var whole = Composer.Compose(root, towers);
        var composed = Session(whole);
        var separate = towers.Select(tower => Session(Composer.Compose(root, [tower]))).ToArray();
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, Rows * Length).Select(_ => (long)random.Next(Vocabulary.FirstCharacter, new ModelSize().Characters))];
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
