using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Benchmarks;

/// <summary>A model of two convolutions and a transformer for texts of up to 4,096 characters, served, and as a session of its own.</summary>
sealed class ServedModel : IDisposable
{
    public ServedModel()
    {
        Preprocessor = new(Vocabulary.Fit([string.Concat(Enumerable.Range(32, 124).Select(i => (char)i))]), new() { MaxLength = 4_096, DownsampleFactor = 4 });
        var embedder = new ConvEmbedder(new() { Vocabulary = Preprocessor.Vocabulary.Count, MaxLength = Preprocessor.Options.MaxLength, CharacterWidth = 32, Blocks = 2, Filters = 64, GlobalFilters = 32 });
        var tower = new StridedTower(embedder, new() { Layers = 1, Heads = 4 });
        var model = Composer.Compose(ModelExporter.Export(embedder, Preprocessor), [("tower", ModelExporter.Export(tower, embedder, Preprocessor))], new() { Pooling = new(Pooling.MeanMax) }).ToByteArray();
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        (Session, Default) = (new(model, options), new(model));
        Served = CclmModel.Load(model);
        Unplanned = CclmModel.Load(model, new() { BatchCharacters = 4_097 });
        Beside = CclmModel.Load(model, new() { Threads = Math.Max(1, Environment.ProcessorCount - 1) });
    }

    public Preprocessor Preprocessor { get; }

    public CclmModel Served { get; }

    /// <summary>The same, with batches too large for their memory to be planned.</summary>
    public CclmModel Unplanned { get; }

    /// <summary>The same, that leaves a processor to whoever asks.</summary>
    public CclmModel Beside { get; }

    /// <summary>A session with the options that the library uses.</summary>
    public InferenceSession Session { get; }

    /// <summary>A session with ONNX Runtime's default options, as most services make it.</summary>
    public InferenceSession Default { get; }

    public static void Run(InferenceSession session, EncodedBatch batch)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(batch.Ids, [batch.Rows, batch.Length]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["ids"], [input], ["embedding"]);
    }

    public static string Text(Random random, int length) => string.Create(length, random, (characters, random) =>
    {
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = (char)random.Next('a', 'z' + 1);
        }
    });

    /// <summary>Queries of 10 to 64 characters.</summary>
    public static string[] Queries(int count)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, count).Select(_ => Text(random, random.Next(10, 65)))];
    }

    /// <summary>Texts of lengths with a median of 37 characters, nine of ten up to 400, at most 4,000.</summary>
    public static string[] LogNormalTexts(int count)
    {
        var random = new Random(1);
        string[] texts = [.. Enumerable.Range(0, count).Select(_ => Text(random, LogNormal(random)))];
        int[] lengths = [.. texts.Select(text => text.Length).Order()];
        Console.WriteLine($"\nLog-normal lengths: median {lengths[lengths.Length / 2]}, p90 {lengths[lengths.Length * 9 / 10]}, longest {lengths[^1]}.");
        return texts;
    }

    public void Dispose()
    {
        Served.Dispose();
        Unplanned.Dispose();
        Beside.Dispose();
        Session.Dispose();
        Default.Dispose();
    }

    static int LogNormal(Random random) => (int)Math.Clamp(37 * Math.Exp(1.857 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())), 1, 4_000);
}
