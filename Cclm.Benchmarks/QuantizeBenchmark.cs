using System.Runtime.InteropServices;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Benchmarks;

/// <summary>Products in 8 bits: the forms that ONNX Runtime has for one matrix, and a whole composed model in each precision, against float32 in turns.</summary>
static class QuantizeBenchmark
{
    const int Rounds = 11, Block = 128;
    const byte Zero = 128;

    static readonly int Threads = 1;

    public static void Run()
    {
        foreach (var (rows, inputs, width) in ((int, int, int)[])[(2048, 512, 512), (2048, 512, 2048), (2048, 2048, 512), (64, 512, 512)])
        {
            Products(rows, inputs, width);
        }
        Models();
    }

    /// <summary>x W by each form: times as fast as float32, cosine with it, and how far the first row changes with the rows beside it.</summary>
    static void Products(int rows, int inputs, int width)
    {
        var (x, weights) = (Normal(1, rows * inputs, 1), Normal(2, inputs * width, 0.05f));
        Dictionary<string, Func<OnnxGraph, Edge, Edge>> forms = new()
        {
            ["float32"] = (graph, edge) => graph.Op("MatMul", [edge, graph.Initializer("w", weights, inputs, width)]),
            ["a scale for the whole batch (DynamicQuantizeLinear)"] = (graph, edge) => OfBatch(graph, edge, weights, inputs, width),
            ["a scale for each row, weights of 7 bits (Quantizer)"] = (graph, edge) => OfRows(graph, edge, weights, inputs, width, 64, signed: false),
            ["a scale for each row, weights of 8 bits"] = (graph, edge) => OfRows(graph, edge, weights, inputs, width, 127, signed: false),
            ["a scale for each row, both int8"] = (graph, edge) => OfRows(graph, edge, weights, inputs, width, 127, signed: true),
            ["MatMulNBits, 8 bits, accuracy level 4"] = (graph, edge) => OfBlocks(graph, edge, weights, inputs, width, 4),
            ["MatMulNBits, 8 bits, float32 inside"] = (graph, edge) => OfBlocks(graph, edge, weights, inputs, width, 0),
        };
        var sessions = forms.Values.Select(form => Session(form, inputs, width)).ToArray();
        var times = Measure.InTurns(Rounds, [.. sessions.Select(session => (Action)(() => Answer(session, x, inputs)))]);
        var expected = Answer(sessions[0], x, inputs);
        Console.WriteLine($"\n| [{rows},{inputs}] x [{inputs},{width}], 1 thread | times as fast, median of {Rounds} | cosine | a row alone differs by |\n|---|---|---|---|");
        foreach (var (i, form) in forms.Keys.Index())
        {
            var (found, alone) = (Answer(sessions[i], x, inputs), Answer(sessions[i], x[..inputs], inputs));
            var difference = alone.Zip(found, (a, b) => Math.Abs(a - b)).Max();
            Console.WriteLine($"| {form} | {Measure.Median(times[0].Zip(times[i], (slow, fast) => slow / fast)):F2} | {Cosine(expected, found):F6} | {difference:G2} |");
        }
        Array.ForEach(sessions, session => session.Dispose());
    }

    /// <summary>A composed model of two transformer towers and one of its size in convolutions, whole.</summary>
    static void Models()
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit([string.Concat(Enumerable.Range(32, 124).Select(i => (char)i))]), new() { MaxLength = 128 });
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = 128, Blocks = 2, Filters = 256, GlobalFilters = 64 });
        (string, ModelProto)[] towers = [("a", Tower()), ("b", Tower())];
        var model = Composer.Compose(ModelExporter.Export(embedder, preprocessor), towers, new() { Pooling = new(Pooling.MeanMax) });
        var random = new Random(3);
        string[] texts = [.. Enumerable.Range(0, 11 * 16).Select(_ => string.Concat(Enumerable.Range(0, 100).Select(_ => (char)random.Next(32, 156))))];
        Console.WriteLine("\nA composed model: 2 embedder blocks of 256 filters, 2 towers of 2 transformer layers, batches of 16 x 101, 1 thread, random weights");
        foreach (var precision in PrecisionNames.Words.Values)
        {
            Console.WriteLine(QuantizationGate.Measure(model, Quantizer.Convert(model, new(precision)), texts, new() { BatchSize = 16, Threads = Threads }));
        }

        ModelProto Tower() => ModelExporter.Export(new TransformerTower(embedder, new() { Layers = 2, Heads = 4, FeedForward = 1024 }), embedder, preprocessor);
    }

    static Edge OfBatch(OnnxGraph graph, Edge x, float[] weights, int inputs, int width)
    {
        var quantized = graph.Ops("DynamicQuantizeLinear", 3, [x]);
        var (integers, scales) = Columns(weights, inputs, width, 127);
        var sums = graph.Op("MatMulInteger", [quantized[0], graph.Constant(Tensor<sbyte>(DataType.Int8, integers, inputs, width)), quantized[2]]);
        return graph.Op("Mul", [graph.Op("Cast", [sums], ("to", DataType.Float)), graph.Op("Mul", [quantized[1], graph.Initializer("s", scales, width)])]);
    }

    static Edge OfRows(OnnxGraph graph, Edge x, float[] weights, int inputs, int width, int largest, bool signed)
    {
        var (integers, scales) = Columns(weights, inputs, width, largest);
        var extent = graph.Op("Max", [graph.Op("ReduceMax", [x, graph.Constant(1)], ("keepdims", 0)), graph.Op("Neg", [graph.Op("ReduceMin", [x, graph.Constant(1)], ("keepdims", 0))])]);
        var scale = graph.Op("Mul", [extent, graph.Scalar(1f / 127)]);
        TensorProto Value(params long[] shape) => signed ? Tensor<sbyte>(DataType.Int8, [0], shape) : Tensor(DataType.Uint8, [Zero], shape);
        var rows = graph.Op("QuantizeLinear", [x, scale, graph.Op("ConstantOfShape", [graph.Op("Shape", [scale])], ("value", Value(1)))], ("axis", 0));
        var sums = graph.Op("MatMulInteger", [rows, graph.Constant(Tensor<sbyte>(DataType.Int8, integers, inputs, width)), graph.Constant(Value())]);
        var floats = graph.Op("Mul", [graph.Op("Cast", [sums], ("to", DataType.Float)), graph.Op("Unsqueeze", [scale, graph.Constant(1)])]);
        return graph.Op("Mul", [floats, graph.Initializer("s", scales, width)]);
    }

    static Edge OfBlocks(OnnxGraph graph, Edge x, float[] weights, int inputs, int width, int accuracy)
    {
        var blocks = inputs / Block;
        var (integers, scales) = (new byte[weights.Length], new float[width * blocks]);
        for (var i = 0; i < scales.Length; i++)
        {
            var (column, first) = (i / blocks, i % blocks * Block);
            float Weight(int k) => weights[((first + k) * width) + column];
            scales[i] = Enumerable.Range(0, Block).Max(k => Math.Abs(Weight(k))) / 127;
            for (var k = 0; k < Block; k++)
            {
                integers[(i * Block) + k] = (byte)(Zero + MathF.Round(Weight(k) / scales[i]));
            }
        }
        return graph.Op("com.microsoft.MatMulNBits", [x, graph.Constant(Tensor(DataType.Uint8, integers, width, blocks, Block)), graph.Initializer("s", scales, width, blocks)],
            ("K", inputs), ("N", width), ("bits", 8), ("block_size", Block), ("accuracy_level", accuracy));
    }

    static (sbyte[] Integers, float[] Scales) Columns(float[] weights, int inputs, int width, int largest)
    {
        var scales = Enumerable.Range(0, width).Select(column => Enumerable.Range(0, inputs).Max(row => Math.Abs(weights[(row * width) + column])) / largest).ToArray();
        return ([.. weights.Select((weight, i) => (sbyte)MathF.Round(weight / scales[i % width]))], scales);
    }

    static InferenceSession Session(Func<OnnxGraph, Edge, Edge> form, int inputs, int width)
    {
        OnnxRuntimeEnvironment.Prepare();
        var graph = new OnnxGraph("product");
        var x = graph.Input("x", DataType.Float, "M", $"{inputs}");
        graph.Output("y", form(graph, x), "M", $"{width}");
        using var options = new SessionOptions { IntraOpNumThreads = Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        return new(graph.ToModel().ToByteArray(), options);
    }

    static float[] Answer(InferenceSession session, float[] x, int inputs)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(x, [x.Length / inputs, inputs]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["x"], [input], ["y"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    static TensorProto Tensor<T>(DataType type, T[] values, params long[] shape) where T : struct
    {
        var tensor = new TensorProto { DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values)) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }

    /// <summary>Numbers about zero, such as weights and activations are: sums of three even ones.</summary>
    static float[] Normal(int seed, int count, float size)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 2 * size)];
    }

    static double Cosine(float[] x, float[] y) => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(x, y);
}
