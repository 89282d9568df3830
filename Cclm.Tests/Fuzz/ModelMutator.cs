using Google.Protobuf;
using Google.Protobuf.Collections;
using Onnx;

namespace Cclm.Tests.Fuzz;

/// <summary>Damages models as messages, the same way for the same seed: what bytes at random hardly ever make.</summary>
sealed class ModelMutator(int seed, IReadOnlyList<ModelProto> examples)
{
    const int Deep = 10_000;

    static readonly long[] Numbers = [0, -1, 1, 2, 13, 26, 27, int.MaxValue, 1L << 40, long.MaxValue, long.MinValue];

    static readonly string[] Operators = ["", "Softmax", "Squeeze", "Clip", "Pad", "Resize", "Upsample", "Dropout", "Split", "If", "Loop", "GroupNormalization", "LabelEncoder", "Nothing",
        "Reshape", "Slice", "Gather", "GatherND", "Expand", "Range", "Concat", "Transpose", "MatMul", "Conv", "MaxPool", "Tile", "ConstantOfShape", "Constant"];

    readonly Random random = new(seed);

    /// <summary>One more model: an example with one to three things done to it.</summary>
    public ModelProto Next()
    {
        var model = Any(examples).Clone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            Change(model);
        }
        if (random.Next(500) == 0)      // last: what is this deep can not be copied
        {
            Bury(model);
        }
        return model;
    }

    void Change(ModelProto model)
    {
        var graph = model.Graph;
        var node = Any(graph.Node);
        switch (random.Next(20))
        {
            case 0: node.Output.Add(Any(Names(graph))); break;                                                  // a name twice
            case 1: node.Input.Insert(0, Any(Names(graph))); break;                                             // perhaps a cycle
            case 2: Replace(node.Input, Any(Names(graph))); break;
            case 3: graph.Node.Insert(random.Next(graph.Node.Count), node.Clone()); break;
            case 4: graph.Node.Remove(node); break;
            case 5: node.OpType = Any(Operators); break;
            case 6: node.Input.Clear(); break;
            case 7: node.Output.Clear(); break;
            case 8: node.Attribute.Add(Attribute(graph)); break;
            case 9: node.Attribute.Clear(); break;
            case 10: Tensor(graph).Dims.Add(Any(Numbers)); break;
            case 11: Tensor(graph).RawData = ByteString.CopyFrom(new byte[random.Next(20)]); break;
            case 12: Tensor(graph).DataType = random.Next(30); break;
            case 13: Any(graph.Input).Type = random.Next(2) == 0 ? null : new() { TensorType = new() { Shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimValue = Any(Numbers) } } } } }; break;
            case 14: Any(graph.Input).Name = Any(Names(graph)); break;
            case 15: graph.SparseInitializer.Add(new SparseTensorProto()); break;
            case 16: Any(model.OpsetImport).Version = Any(Numbers); break;
            case 17: model.IrVersion = Any(Numbers); break;
            case 18: model.Functions.Add(Function()); break;
            default: graph.Output.Add(new ValueInfoProto { Name = Any(Names(graph)) }); break;
        }
    }

    /// <summary>A graph or a type, so deep in others that one call for each level would end the process.</summary>
    void Bury(ModelProto model)
    {
        if (random.Next(2) == 0)
        {
            var type = new TypeProto();
            for (var depth = 0; depth < Deep; depth++)
            {
                type = depth % 2 == 0 ? new() { SequenceType = new() { ElemType = type } } : new() { OptionalType = new() { ElemType = type } };
            }
            model.Graph.ValueInfo.Add(new ValueInfoProto { Name = "deep", Type = type });
            return;
        }
        var inner = new GraphProto();
        for (var depth = 0; depth < Deep; depth++)
        {
            inner = new() { Node = { new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = inner } } } } };
        }
        Any(model.Graph.Node).Attribute.Add(new AttributeProto { Name = "body", G = inner });
    }

    /// <summary>A function of a few, that calls one of them: perhaps itself.</summary>
    FunctionProto Function()
    {
        string Name() => $"F{random.Next(3)}";
        return new()
        {
            Domain = "own",
            Name = Name(),
            Input = { "x" },
            Output = { "y" },
            OpsetImport = { new OperatorSetIdProto { Domain = "own", Version = 1 }, new OperatorSetIdProto { Version = 11 } },
            Node = { new NodeProto { Domain = random.Next(3) == 0 ? "" : "own", OpType = random.Next(3) == 0 ? "Squeeze" : Name(), Input = { "x" }, Output = { "y" }, Attribute = { new AttributeProto { Name = "axes", RefAttrName = "axes" } } } },
        };
    }

    AttributeProto Attribute(GraphProto graph) => random.Next(4) switch
    {
        0 => new() { Name = "axis", I = Any(Numbers) },
        1 => new() { Name = "axes", Ints = { Any(Numbers) } },
        2 => new() { Name = "axes", RefAttrName = "other" },
        _ => new() { Name = "then_branch", G = new() { Node = { Any(graph.Node).Clone() } } },
    };

    TensorProto Tensor(GraphProto graph)
    {
        if (graph.Initializer.Count == 0)
        {
            graph.Initializer.Add(new TensorProto { Name = Any(Names(graph)) });
        }
        return Any(graph.Initializer);
    }

    static string[] Names(GraphProto graph) => [.. graph.Input.Select(input => input.Name), .. graph.Initializer.Select(tensor => tensor.Name), .. graph.Node.SelectMany(node => node.Output), "", "new"];

    void Replace(RepeatedField<string> names, string name)
    {
        if (names.Count > 0)
        {
            names[random.Next(names.Count)] = name;
        }
    }

    T Any<T>(IList<T> some) where T : new() => some.Count > 0 ? some[random.Next(some.Count)] : new();

    string Any(string[] some) => some[random.Next(some.Length)];

    long Any(long[] some) => some[random.Next(some.Length)];

    ModelProto Any(IReadOnlyList<ModelProto> some) => some[random.Next(some.Count)];
}
