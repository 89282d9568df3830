using BenchmarkDotNet.Attributes;
using Cclm.Export;
using Cclm.Inference;
using Google.Protobuf;

namespace Cclm.Benchmarks;

/// <summary>Vectors of texts of 255 characters, by the library.</summary>
public class EmbedPiece
{
    CclmModel model = null!;
    string[] texts = [];

    /// <summary>Composes and loads the reference model.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var reference = new ReferenceModel();
        model = CclmModel.Load(Composer.Compose(reference.ExportEmbedder(), reference.ExportTowers(1), new() { Pooling = new(Pooling.MeanMax) }).ToByteArray());
        texts = PieceTexts.Full(32);
    }

    /// <summary>Frees it.</summary>
    [GlobalCleanup]
    public void Free() => model.Dispose();

    /// <summary>One text.</summary>
    [Benchmark]
    public float[] One() => model.Embed(texts[0]);

    /// <summary>32 texts at once.</summary>
    [Benchmark]
    public float[][] ThirtyTwo() => model.Embed(texts);
}
