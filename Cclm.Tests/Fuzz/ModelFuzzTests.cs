using Cclm.Export;
using Cclm.Tests.Export;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Fuzz;

/// <summary>A damaged model is refused by name, or what is made of it is sound.</summary>
[Parallelizable]
public sealed class ModelFuzzTests
{
    const int Inputs = 2_000;

    static long Allowed(int length) => (16L << 20) + (2L * length);

    [Test]
    public void DamagedFilesAreRefusedOrRead()
    {
        using var folder = new TempFolder(Fuzzing.Disk);
        var file = folder["model.onnx"];
        var mutator = new Mutator(6, [.. Examples().Select(model => model.ToByteArray())], "axes", "If", "\u0012\u0004axes", "ai.onnx", "\u0008\u0001", "\u0042\u0002\u0010\u0009");
        Fuzzing.Run("onnx files", mutator.Next, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            return IsTaken(() => OnnxFile.Load(file));
        }, Allowed, Inputs);
    }

    [Test]
    public void DamagedMessagesAreRefusedOrUsed()
    {
        var mutator = new ModelMutator(7, [.. Examples()]);
        var model = new ModelProto();
        var turn = 0;
        Fuzzing.Run("onnx messages", () =>
        {
            model = mutator.Next();
            return BitConverter.GetBytes(turn++);
        }, _ => IsTaken(() => model), Allowed, Inputs);
    }

    /// <summary>What is done with each: stitched, raised, and its shapes inferred.</summary>
    static readonly Func<ModelProto, ModelProto>[] Uses = [Stitched, model => VersionConversion.Raise(model, "", 26), ShapeInference.Infer];

    static bool IsTaken(Func<ModelProto> load)
    {
        ModelProto? model = null;
        var isSound = IsTaken(() => ModelCheck.Ensure(model = load()));
        return model is not null && Uses.Count(use => IsTaken(() =>
        {
            var made = use(model);
            if (isSound)
            {
                ModelCheck.Ensure(made);
            }
        })) == Uses.Length;
    }

    static bool IsTaken(Action use)
    {
        try
        {
            use();
            return true;
        }
        catch (Exception e) when (e is OnnxModelException || e.GetType() == typeof(ArgumentException))      // none of those that say of a bug
        {
            return false;
        }
    }

    /// <summary>The model between an Identity and an output, beside another part.</summary>
    static ModelProto Stitched(ModelProto model)
    {
        var graph = new OnnxGraph("outer");
        var inputs = model.Graph.Input.Select(input => (input.Name, graph.Op("Identity", [graph.Input($"in.{input.Name}", input.Type ?? new())]))).ToArray();
        var outputs = graph.Include("part", model, inputs);
        graph.Include("other", TinyParts.Embedder(), ("ids", graph.Input("ids", DataType.Int64, "B", "T")));
        foreach (var (name, edge) in outputs)
        {
            graph.Output($"out.{name}", edge);
        }
        return graph.ToModel();
    }

    [Test]
    public void WhatIsNotDamagedIsUsed() => Assert.That(Examples().Select(model => IsTaken(() => model)), Is.All.True);

    /// <summary>A part of a model, one whose shapes are computed; and one with a branch, a function, and operators that later versions changed.</summary>
    static IEnumerable<ModelProto> Examples()
    {
        var embedder = TinyParts.Embedder();
        yield return embedder;
        yield return TinyParts.Tower(embedder, 3);
        yield return Shaped();
        yield return Old();
    }

    static ModelProto Shaped()
    {
        var graph = new OnnxGraph("shaped");
        var x = graph.Input("x", DataType.Float, "B", "T", "6");
        var size = graph.Op("Gather", [graph.Op("Shape", [x]), graph.Constant(0, 1)]);
        var heads = graph.Op("Reshape", [x, graph.Op("Concat", [size, graph.Constant(2, -1)], ("axis", 0))]);                               // [B,T,2,3]
        var turned = graph.Op("Transpose", [heads], ("perm", (long[])[0, 2, 3, 1]));
        var products = graph.Op("MatMul", [graph.Op("Transpose", [heads], ("perm", (long[])[0, 2, 1, 3])), turned]);                        // [B,2,T,T]
        var convolved = graph.Op("Conv", [graph.Op("Transpose", [x], ("perm", (long[])[0, 2, 1])), graph.Initializer("w", new float[36], 4, 3, 3)], ("pads", (long[])[1, 1]), ("group", 2));
        var padded = graph.Op("Slice", [graph.Op("Pad", [convolved, graph.Constant(0, 0, 2, 0, 0, 0)]), graph.Constant(0), graph.Constant(-2), graph.Constant(2)]);
        var range = graph.Op("Range", [graph.Scalar(0), graph.Op("Squeeze", [graph.Op("Slice", [size, graph.Constant(1), graph.Constant(2)])]), graph.Scalar(1)]);
        var zeros = graph.Op("Expand", [graph.Op("Cast", [range], ("to", DataType.Float)), graph.Op("Mul", [graph.Op("Shape", [padded]), graph.Constant(1)])]);
        graph.Output("y", graph.Op("Add", [padded, zeros]), "B", "4", "T");
        graph.Output("z", graph.Op("ReduceMax", [products, graph.Constant(-1)]), "B", "2", "T", "1");
        return graph.ToModel();
    }

    static ModelProto Old()
    {
        var graph = new OnnxGraph("old");
        var x = graph.Input("x", DataType.Float, "N", "3");
        var weight = graph.Initializer("weight", [1f, 2, 3], 3);
        var summed = graph.Op("ReduceSum", [graph.Op("Softmax", [graph.Op("Mul", [x, weight])], ("axis", 0L))], ("axes", (long[])[1]));
        var branch = new GraphProto
        {
            Name = "branch",
            Node = { new NodeProto { OpType = "Squeeze", Input = { summed.Name }, Output = { "squeezed" }, Attribute = { new AttributeProto { Name = "axes", Ints = { 1 }, Type = AttributeProto.Types.AttributeType.Ints } } } },
            Output = { new ValueInfoProto { Name = "squeezed", Type = new() { TensorType = new() { ElemType = (int)DataType.Float } } } },
        };
        var other = branch.Clone();
        (other.Node[0].Output[0], other.Output[0].Name) = ("other", "other");
        graph.Output("y", graph.Op("If", [graph.Scalar(true)], ("then_branch", branch), ("else_branch", other)), "N");
        var model = graph.ToModel();
        model.OpsetImport.Single().Version = 11;
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.Add(new FunctionProto
        {
            Domain = "own",
            Name = "F",
            Input = { "x" },
            Output = { "y" },
            OpsetImport = { new OperatorSetIdProto { Version = 11 } },
            Node = { new NodeProto { OpType = "Clip", Input = { "x" }, Output = { "y" } } },
        });
        return model;
    }
}
