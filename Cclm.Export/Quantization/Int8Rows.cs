using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Activations as 8-bit integers, with a scale for each row: [..,In] -> [M,In], M the product of the other dimensions.</summary>
/// <param name="Integers">[M,In] uint8.</param>
/// <param name="Scales">[M,1] float.</param>
/// <param name="Shape">[..], the other dimensions.</param>
sealed record Int8Rows(string Integers, string Scales, string Shape)
{
    const byte Zero = 128;              // uint8, because ONNX Runtime's products of two int8 are slow on x86
    const float Largest = 127;
    const float Smallest = 1.17549435e-38f;     // of a row of zeros, which stay zeros

    /// <summary>Quantizes each row by itself.</summary>
    public static Int8Rows Of(EditedGraph graph, string x, int width)
    {
        string Name(string what) => graph.Fresh($"{x}.{what}");
        var rows = graph.Op("Reshape", Name("rows"), [x, graph.Literal(-1, width)]);                                       // [M,In]
        var lowest = graph.Op("Neg", Name("lowest"), [Reduce(graph, "ReduceMin", Name("minimum"), rows)]);
        var extent = graph.Op("Max", Name("extent"), [Reduce(graph, "ReduceMax", Name("maximum"), rows), lowest]);                   // [M]
        var scale = graph.Op("Max", Name("scale"), [graph.Op("Mul", Name("step"), [extent, graph.Literal(1 / Largest)]), graph.Literal(Smallest)]);
        var zeros = graph.Op("ConstantOfShape", Name("zeros"), [graph.Op("Shape", Name("count"), [scale])], ("value", Byte(Zero, 1)));
        return new(
            graph.Op("QuantizeLinear", Name("int8"), [rows, scale, zeros], ("axis", 0)),
            graph.Op("Unsqueeze", Name("scales"), [scale, graph.Literal(1)]),
            graph.Op("Shape", Name("shape"), [x], ("end", -1)));
    }

    /// <summary>The product with a weight, in float: [..,Out].</summary>
    public string Times(EditedGraph graph, Int8Weight weight, string output)
    {
        string Name(string what) => graph.Fresh($"{output}.{what}");
        var sums = graph.Op("MatMulInteger", Name("sums"), [Integers, weight.Integers, graph.Literal(Byte(Zero))]);                 // [M,Out] int32
        var floats = graph.Op("Mul", Name("scaled"), [graph.Op("Cast", Name("float"), [sums], ("to", DataType.Float)), Scales]);
        var product = graph.Op("Mul", Name("rows"), [floats, weight.Scales]);
        var shape = graph.Op("Concat", Name("shape"), [Shape, graph.Literal(weight.Columns)], ("axis", 0));
        return graph.Op("Reshape", output, [product, shape], ("allowzero", 1));      // a batch of nothing stays one
    }

    static string Reduce(EditedGraph graph, string opType, string output, string rows) =>
        graph.Op(opType, output, [rows, graph.Literal(1)], ("keepdims", 0));

    static TensorProto Byte(byte value, params ReadOnlySpan<long> shape) => OnnxValues.Tensor("", DataType.Uint8, [value], shape);
}
