using System.Diagnostics;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training.Data;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Benchmarks;

/// <summary>Vectors of texts by the reference model: the library, ONNX Runtime by itself and in other languages, PyTorch, and fastText.</summary>
static class InferenceBenchmark
{
    const int Rows = 32, Batches = 12, Lines = 20_000;
    const string LinesFile = "lines.txt";

    /// <summary>Batches of 32 texts of 256 characters, CLS among them.</summary>
    /// <param name="peers">The peers.</param>
    /// <param name="folder">Receives the models.</param>
    public static Comparison Comparison(Peers peers, string folder)
    {
        using (var model = new ReferenceModel())
        {
            var (embedder, towers) = (model.ExportEmbedder(), model.ExportTowers(1));
            OnnxFile.Save(embedder, Path.Combine(folder, "embedder.onnx"));
            OnnxFile.Save(towers[0].Model, Path.Combine(folder, "tower.onnx"));
            var composed = Composer.Compose(embedder, towers, new() { Pooling = new(Pooling.MeanMax) { Normalise = false } });
            OnnxFile.Save(composed, Path.Combine(folder, "composed.onnx"));
            OnnxFile.Save(TextInput.Prepend(composed), Path.Combine(folder, "text.onnx"));
        }
        File.WriteAllLines(Path.Combine(folder, LinesFile), Texts(Lines));
        var work = ReferenceModel.GigaFlop(Rows);
        Side Ours(string role, string name) => new(name, () => Sample.Parse(Measure.Again("compare", "--as", role, "--in", folder)), work);
        return new($"vectors of {Rows} x {ReferenceModel.Length}", "characters", Rows * ReferenceModel.Length, 1,
        [
            Ours("embed", "ours, CclmModel"), Ours("parts", "ONNX Runtime, a session for each part, no pooling"),
            .. Peers.There(
                (new("ONNX Runtime for Python", () => peers.Python(folder, "onnx", "text.onnx", LinesFile, $"{Rows}", $"{Batches}"), work), () => peers.Version("onnxruntime")),
                (new("PyTorch", () => peers.Python(folder, "run", $"{Rows}", $"{Batches}"), work), () => peers.Version("torch")),
                (new("onnxruntime-node", () => peers.Node(Path.Combine(folder, "text.onnx"), Path.Combine(folder, LinesFile), $"{Rows}", $"{Batches}"), work), peers.NodeVersion),
                (new("fastText", () => FastText(folder)), () => TrainFastText(folder))),
        ]);
    }

    /// <summary>Milliseconds of a batch by the library, which is given many at once.</summary>
    public static Sample Embed(string folder)
    {
        using var model = CclmModel.Load(Path.Combine(folder, "composed.onnx"));
        string[] texts = [.. Texts(Rows * Batches)];
        var times = Measure.InTurns(2, () => model.Embed(texts));
        return new(times[0].Average() * 1000 / Batches, Measure.PeakMegabytes());
    }

    /// <summary>Milliseconds of a batch by an embedder's session and a tower's.</summary>
    public static Sample Parts(string folder)
    {
        using var embedder = new InferenceSession(Path.Combine(folder, "embedder.onnx"));
        using var tower = new InferenceSession(Path.Combine(folder, "tower.onnx"));
        using var input = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, Rows * ReferenceModel.Length).Select(i => (long)(Vocabulary.FirstCharacter + (i % 90))).ToArray(), [Rows, ReferenceModel.Length]);
        using var run = new RunOptions();
        var times = Measure.InTurns(Batches, () =>
        {
            using var embedded = embedder.Run(run, [ModelNames.Ids], [input], [ModelNames.Hidden, ModelNames.Mask]);
            using var hidden = tower.Run(run, [ModelNames.Embedded, ModelNames.Mask], embedded, [ModelNames.Hidden]);
        });
        return new(times[0].Average() * 1000, Measure.PeakMegabytes());
    }

    /// <summary>What fastText is asked for is what a text costs beyond the first, with which its model is loaded.</summary>
    static Sample FastText(string folder)
    {
        double Seconds(int lines)
        {
            var clock = Stopwatch.StartNew();
            Measure.InAProcess("sh", ["-c", $"head -n {lines} {LinesFile} | fasttext print-sentence-vectors words.bin | tail -n 1"], folder);
            return clock.Elapsed.TotalSeconds;
        }
        var first = Seconds(1);
        return new((Seconds(Lines) - first) * 1000 * Rows / (Lines - 1));
    }

    /// <summary>Vectors of words and of their pieces of 3 to 6 letters, of the width that the reference model's have.</summary>
    static string TrainFastText(string folder)
    {
        Measure.InAProcess("fasttext", ["skipgram", "-input", LinesFile, "-output", "words", "-dim", "256", "-minn", "3", "-maxn", "6", "-bucket", "200000", "-epoch", "1", "-verbose", "0"], folder);
        return "";
    }

    /// <summary>The .NET API documentation in pieces of the length that a text may have.</summary>
    static IEnumerable<string> Texts(int count)
    {
        var text = string.Join(' ', ApiDocumentation.Read().Select(member => member.Summary)).ReplaceLineEndings(" ");
        return Enumerable.Range(0, Math.Min(count, text.Length / (ReferenceModel.Length - 1))).Select(i => text.Substring(i * (ReferenceModel.Length - 1), ReferenceModel.Length - 1));
    }
}
