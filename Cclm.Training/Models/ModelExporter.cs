using Cclm.Export;
using Cclm.Inference;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Training;

/// <summary>Writes parts as ONNX subgraphs that the stitcher composes. B batch, T characters, C channels.</summary>
public static class ModelExporter
{
    /// <summary>An embedder: <c>ids</c> [B,T] to <c>hidden</c> [B,T,C] and <c>mask</c> [B,T], with the preprocessor in its metadata.</summary>
    /// <exception cref="ArgumentException">The preprocessor does not fit the embedder.</exception>
    /// <exception cref="NotSupportedException">Something in the model has no ONNX meaning.</exception>
    /// <exception cref="OnnxModelException">A weight is no number.</exception>
    public static ModelProto Export(Embedder embedder, Preprocessor preprocessor)
    {
        CheckFit(embedder, preprocessor);
        return Describe(Graph(embedder), new()
        {
            Kind = "embedder",
            Weights = embedder.WeightsHash(),
            Vocabulary = preprocessor.Vocabulary.Hash,
            Preprocessor = preprocessor.ToJson(),
        });
    }

    /// <summary>A tower: <c>embedded</c> [B,T,C] and <c>mask</c> [B,T] to <c>hidden</c> [B,T,C_i], with the hash of its embedder in its metadata.</summary>
    /// <inheritdoc cref="Export(Embedder, Preprocessor)"/>
    public static ModelProto Export(Tower tower, Embedder embedder, Preprocessor preprocessor)
    {
        tower.CheckStandsOn(embedder);
        return Describe(Graph(tower), new()
        {
            Kind = "tower",
            Weights = tower.WeightsHash(),
            Vocabulary = preprocessor.Vocabulary.Hash,
            Embedder = embedder.WeightsHash(),
        });
    }

    /// <summary>A head: <c>hidden</c> [B,T,C] and <c>mask</c> [B,T] to <c>logits</c> [B,K] or [B,T,K], with what it answers and what it stands on in its metadata.</summary>
    /// <inheritdoc cref="Export(Embedder, Preprocessor)"/>
    public static ModelProto Export(Head head, HeadBase on, Preprocessor preprocessor)
    {
        var definition = head.Definition;
        return Describe(Graph(head), new()
        {
            Kind = "head",
            Weights = head.WeightsHash(),
            Vocabulary = preprocessor.Vocabulary.Hash,
            Embedder = on.Embedder,
            Head = new(PartTypes.Write(definition.Task).GetString()!, definition.Labels, [.. on.Towers.Select(tower => new ModelTower(tower.Name, tower.Weights))],
                definition.Scheme is { } scheme ? PartTypes.Write(scheme).GetString() : null),
        });
    }

    /// <summary>Fails where training would end in something that can not be exported: parts that do not fit, or an op without an ONNX meaning.</summary>
    internal static void Check(Preprocessor preprocessor, Embedder embedder, Tower tower)
    {
        CheckFit(embedder, preprocessor);
        tower.CheckStandsOn(embedder);
        Graph(embedder);
        Graph(tower);
    }

    static ModelProto Graph(Embedder embedder)
    {
        var graph = new OnnxGraph("embedder");
        var ids = graph.Input(ModelNames.Ids, DataType.Int64, "B", "T");
        var hidden = Trace(embedder, graph, exporter => new Value.Onnx(exporter, ids, default));
        graph.Output(ModelNames.Hidden, hidden.Edge, "B", "T", $"{embedder.Width}");
        graph.Output(ModelNames.Mask, hidden.Mask, DataType.Bool, "B", "T");
        return graph.ToModel();
    }

    static ModelProto Graph(Tower tower)
    {
        var graph = new OnnxGraph("tower");
        var input = graph.Input(ModelNames.Embedded, DataType.Float, "B", "T", $"{tower.InputWidth}");
        var mask = graph.Input(ModelNames.Mask, DataType.Bool, "B", "T");
        var hidden = Trace(tower, graph, exporter => new Value.Onnx(exporter, input, mask));
        graph.Output(ModelNames.Hidden, hidden.Edge, "B", "T", $"{tower.Width}");
        return graph.ToModel();
    }

    static ModelProto Graph(Head head)
    {
        var graph = new OnnxGraph("head");
        var input = graph.Input(ModelNames.Hidden, DataType.Float, "B", "T", $"{head.Definition.Width}");
        var mask = graph.Input(ModelNames.Mask, DataType.Bool, "B", "T");
        var logits = Trace(head, graph, exporter => new Value.Onnx(exporter, input, mask));
        var labels = $"{head.Definition.Labels.Count}";
        graph.Output(ModelNames.LogitsOfHead, logits.Edge, head.Definition.Task == HeadTask.Tagging ? ["B", "T", labels] : ["B", labels]);
        return graph.ToModel();
    }

    /// <summary>Runs a layer's definition on edges, in evaluation: dropout is left out.</summary>
    static Value.Onnx Trace(Layer layer, OnnxGraph graph, Func<Exporter, Value> input)
    {
        layer.CheckKeys();
        try
        {
            return (Value.Onnx)layer.forward(input(new Exporter(layer, graph)));
        }
        catch (InvalidCastException e)
        {
            throw new NotSupportedException(
                $"The forward of {layer.GetType().Name}, or of a layer in it, takes a value for a tensor, so it can not be written to ONNX: {e.Message} " +
                "Use the ops on Value, or Value.Op with both meanings.", e);
        }
    }

    static void CheckFit(Embedder embedder, Preprocessor preprocessor)
    {
        if (preprocessor.Vocabulary.Count != embedder.Vocabulary)
        {
            throw new ArgumentException(
                $"The embedder knows {embedder.Vocabulary} ids but the preprocessor's vocabulary has {preprocessor.Vocabulary.Count}. Use the preprocessor that the embedder was trained with.", nameof(preprocessor));
        }
        if (preprocessor.Options.MaxLength > embedder.MaxLength)
        {
            throw new ArgumentException(
                $"The preprocessor cuts texts at {preprocessor.Options.MaxLength} ids but the embedder has {embedder.MaxLength} positions. Lower the preprocessor's MaxLength.", nameof(preprocessor));
        }
    }

    static ModelProto Describe(ModelProto model, ModelMetadata metadata)
    {
        ModelProperties.Write(model, metadata.ToProperties());
        ModelCheck.Ensure(model, metadata.Kind);
        return model;
    }
}
