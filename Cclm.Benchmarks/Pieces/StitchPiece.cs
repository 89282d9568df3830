using BenchmarkDotNet.Attributes;
using Cclm.Export;
using Onnx;

namespace Cclm.Benchmarks;

/// <summary>Exported parts made one model.</summary>
public class StitchPiece
{
    ModelProto embedder = null!;
    IReadOnlyList<(string Name, ModelProto Model)> towers = [];

    /// <summary>Exports them.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var model = new ReferenceModel();
        (embedder, towers) = (model.ExportEmbedder(), model.ExportTowers(3));
    }

    /// <summary>An embedder and a tower: checked, wired and pooled.</summary>
    [Benchmark]
    public ModelProto OneTower() => Compose(1);

    /// <summary>The same with three towers.</summary>
    [Benchmark]
    public ModelProto ThreeTowers() => Compose(3);

    ModelProto Compose(int count) => Composer.Compose(embedder, [.. towers.Take(count)], new() { Pooling = new(Pooling.MeanMax) });
}
