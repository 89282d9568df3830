using Cclm.Export;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>The smallest embedder and towers that can be composed.</summary>
static class TinyParts
{
    public const string Characters = "\0 abcdeé中😀";
    public const int Ids = 4 + 10;
    static readonly string Vocabulary = new('a', 64);

    /// <summary>ids [B,T] -> hidden [B,T,width], mask [B,T]: a table of vectors.</summary>
    public static ModelProto Embedder(int width = 5, int seed = 1)
    {
        var graph = new OnnxGraph("embedder");
        var ids = graph.Input("ids", DataType.Int64, "B", "T");
        var table = graph.Initializer("characters.weight", OnnxRun.Random(seed, Ids * width), Ids, width);
        graph.Output("hidden", graph.Op("Gather", [table, ids]), "B", "T", $"{width}");
        graph.Output("mask", graph.Op("Cast", [ids], ("to", DataType.Bool)), DataType.Bool, "B", "T");
        var model = graph.ToModel();
        return Describe(model, new()
        {
            Kind = "embedder",
            Weights = WeightsHash.Of(model),
            Vocabulary = Vocabulary,
            Preprocessor = $$"""{"format":"cclm.preprocessor","version":1,"maxLength":7,"downsampleFactor":1,"addCls":true,"characters":"\u0000{{Characters[1..]}}"}""",
        });
    }

    /// <summary>embedded [B,T,reads], mask [B,T] -> hidden [B,T,width]: a linear layer.</summary>
    public static ModelProto Tower(ModelProto embedder, int width, int seed = 2, int reads = 5, string? vocabulary = null)
    {
        var graph = new OnnxGraph("tower");
        var embedded = graph.Input("embedded", DataType.Float, "B", "T", $"{reads}");
        var mask = graph.Input("mask", DataType.Bool, "B", "T");
        var weight = graph.Initializer("up.weight", OnnxRun.Random(seed, reads * width), reads, width);
        var hidden = graph.Op("MatMul", [embedded, weight]);
        graph.Output("hidden", graph.Op("Where", [graph.Op("Unsqueeze", [mask, graph.Constant(2)]), hidden, graph.Scalar(0f)]), "B", "T", $"{width}");
        var model = graph.ToModel();
        return Describe(model, new()
        {
            Kind = "tower",
            Weights = WeightsHash.Of(model),
            Vocabulary = vocabulary ?? Vocabulary,
            Embedder = WeightsHash.Of(embedder),
        });
    }

    public static ModelMetadata Metadata(ModelProto model) => ModelMetadata.Parse(ModelProperties.Read(model));

    public static ModelProto Describe(ModelProto model, ModelMetadata metadata)
    {
        ModelProperties.Write(model, metadata.ToProperties());
        return model;
    }
}
