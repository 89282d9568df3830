using BenchmarkDotNet.Attributes;
using Cclm.Training;
using Onnx;

namespace Cclm.Benchmarks;

/// <summary>The parts of the reference model as ONNX subgraphs.</summary>
public class ExportPiece
{
    ReferenceModel model = null!;

    /// <summary>Makes the model.</summary>
    [GlobalSetup]
    public void Prepare() => model = new();

    /// <summary>Frees it.</summary>
    [GlobalCleanup]
    public void Free() => model.Dispose();

    /// <summary>The embedder, of 2 blocks.</summary>
    [Benchmark]
    public ModelProto Embedder() => ModelExporter.Export(model.Pretrainer.Embedder, model.Pretrainer.Preprocessor);

    /// <summary>The tower, of 2 layers.</summary>
    [Benchmark]
    public ModelProto Tower() => ModelExporter.Export(model.Pretrainer.Tower, model.Pretrainer.Embedder, model.Pretrainer.Preprocessor);
}
