using Cclm.Export;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Parts of every kind that the standard allows, and heads.</summary>
static class OddParts
{
    /// <summary>hidden [B,T,width], mask [B,T] -> logits [B,labels]: a linear layer on the maximum over time.</summary>
    public static ModelProto Head(ModelProto embedder, int width, int labels, params (string Name, ModelProto Model)[] towers)
    {
        var graph = new OnnxGraph("head");
        var hidden = graph.Input("hidden", DataType.Float, "B", "T", $"{width}");
        graph.Input("mask", DataType.Bool, "B", "T");
        var pooled = graph.Op("ReduceMax", [hidden, graph.Constant(1)], ("keepdims", 0));
        graph.Output("logits", graph.Op("MatMul", [pooled, graph.Initializer("out.weight", OnnxRun.Random(7, width * labels), width, labels)]), "B", $"{labels}");
        var model = graph.ToModel();
        return TinyParts.Describe(model, new()
        {
            Kind = "head",
            Weights = WeightsHash.Of(model),
            Vocabulary = TinyParts.Metadata(embedder).Vocabulary,
            Embedder = TinyParts.Metadata(embedder).Weights,
            Head = new("categorical", [.. Enumerable.Range(0, labels).Select(i => $"label {i}")], [.. towers.Select(tower => new ModelTower(tower.Name, TinyParts.Metadata(tower.Model).Weights))]),
        });
    }

    /// <summary>A tower with something about it changed.</summary>
    public static ModelProto Tower(ModelProto embedder, Action<ModelProto> change) => Changed(TinyParts.Tower(embedder, 3), change);

    /// <summary>A copy with something changed, and the hash that belongs to it.</summary>
    public static ModelProto Changed(ModelProto tower, Action<ModelProto> change)
    {
        tower = tower.Clone();
        change(tower);
        ModelProperties.Write(tower, [new("cclm.weights", WeightsHash.Of(tower))]);
        return tower;
    }

    public static void Document(ModelProto model)
    {
        (model.ProducerName, model.ProducerVersion, model.DocString, model.Domain, model.ModelVersion) = ("other", "7", "what it is", "org.example", 3);
        (model.Graph.Name, model.Graph.DocString) = ("a graph", "more");
        model.MetadataProps.Insert(0, new StringStringEntryProto { Key = "author", Value = "\u4e2d \u00e9 \" <" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "empty" });
        model.Graph.Node[0].DocString = "first";
        model.Graph.Node[0].MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        model.Graph.Input[0].DocString = "what it reads";
    }

    public static void Unname(ModelProto model)
    {
        foreach (var node in model.Graph.Node)
        {
            node.ClearName();
        }
    }

    /// <summary>Symbols of its own, one of them for two of the composition's, and types written down for inner edges.</summary>
    public static void NameDimensions(ModelProto model)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output))
        {
            var dims = value.Type.TensorType.Shape.Dim;
            (dims[0].DimParam, dims[1].DimParam) = ("batch", "length");
        }
        model.Graph.ValueInfo.Add(Info(model.Graph.Node[0].Output[0], "batch", "own", "3"));
        model.Graph.ValueInfo.Add(Info("embedded", "batch", "length", "5"));
    }

    /// <summary>The forms of weights and notes that CCLM itself does not write.</summary>
    public static void Annotate(ModelProto model)
    {
        var graph = model.Graph;
        graph.SparseInitializer.Add(new SparseTensorProto
        {
            Values = new() { Name = "sparse", DataType = (int)DataType.Float, Dims = { 1 }, FloatData = { 2 } },
            Indices = new() { DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { 1 } },
            Dims = { 3 },
        });
        graph.Initializer.Add(new TensorProto { Name = "typed", DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 1, 2 } });
        graph.Initializer.Add(new TensorProto { Name = "scale", DataType = (int)DataType.Float, Dims = { 1 }, FloatData = { 1 } });
        foreach (var tensor in (string[])["embedded", graph.Node[0].Output[0]])
        {
            graph.QuantizationAnnotation.Add(new TensorAnnotation { TensorName = tensor, QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "scale" } } });
        }
    }

    /// <summary>hidden = If(any mask) hidden + up[0] else -hidden; the branches capture edges and weights, and name their own alike.</summary>
    public static void Branch(ModelProto model)
    {
        var graph = model.Graph;
        var hidden = graph.Node[^1].Output[0] = "before";       // the Identity that makes the output
        GraphProto Branch(string op, params string[] inputs) => new()
        {
            Name = op,
            Node = { new NodeProto { OpType = op, Name = "n", Input = { inputs }, Output = { "inner" } }, new NodeProto { OpType = "Identity", Input = { "inner" }, Output = { "result" } } },
            Output = { Info("result", "B", "T", "3") },
        };
        graph.Node.Add(new NodeProto { OpType = "Cast", Input = { "mask" }, Output = { "mask_number" }, Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = 7 } } });
        graph.Node.Add(new NodeProto { OpType = "ReduceMax", Input = { "mask_number" }, Output = { "any_number" }, Attribute = { new AttributeProto { Name = "keepdims", Type = AttributeProto.Types.AttributeType.Int, I = 0 } } });
        graph.Node.Add(new NodeProto { OpType = "Cast", Input = { "any_number" }, Output = { "any" }, Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = 9 } } });
        graph.Node.Add(new NodeProto
        {
            OpType = "If",
            Input = { "any" },
            Output = { "hidden" },
            Attribute =
            {
                new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Add", hidden, "shift") },
                new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Neg", hidden) },
            },
        });
        graph.Initializer.Add(new TensorProto { Name = "shift", DataType = (int)DataType.Float, Dims = { 1 }, FloatData = { 0.5f } });
    }

    /// <summary>A local function for the last node.</summary>
    public static void Call(ModelProto model)
    {
        model.Functions.Add(new FunctionProto
        {
            Domain = "own",
            Name = "Same",
            Input = { "x" },
            Output = { "y" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 20 } },
            Node = { new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } } },
        });
        model.Functions.Add(new FunctionProto { Domain = "own", Name = "NotCalled", Input = { "x" }, Output = { "y" }, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 20 } }, Node = { new NodeProto { OpType = "Neg", Input = { "x" }, Output = { "y" } } } });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        (model.Graph.Node[^1].OpType, model.Graph.Node[^1].Domain) = ("Same", "own");
    }

    /// <summary>An older operator set, which the composition raises: axes become an input, made by a node that the part has not.</summary>
    public static void Age(ModelProto model)
    {
        model.OpsetImport[0].Version = 13;
        var input = model.Graph.Input[0].Name;
        model.Graph.Node.Insert(0, new NodeProto
        {
            OpType = "ReduceMax",
            Input = { input },
            Output = { "largest" },
            Attribute = { new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 2 } } },
        });
    }

    /// <summary>A newer operator set, to which the composition raises the others.</summary>
    public static void Renew(ModelProto model) => model.OpsetImport[0].Version = 21;

    /// <summary>A default for an input that the composition feeds, and an output that it does not use.</summary>
    public static void Surround(ModelProto model)
    {
        model.Graph.Initializer.Insert(0, new TensorProto { Name = "mask", DataType = (int)DataType.Bool, Dims = { 1, 1 }, RawData = ByteString.CopyFrom(1) });
        model.Graph.Node.Insert(0, new NodeProto { OpType = "Neg", Input = { "embedded" }, Output = { "other" } });
        model.Graph.Output.Insert(0, Info("other", "B", "T", "5"));
    }

    public static ValueInfoProto Info(string name, params string[] dims)
    {
        var graph = new OnnxGraph("g");
        graph.Input(name, DataType.Float, dims);
        return graph.ToModel().Graph.Input[0];
    }
}
