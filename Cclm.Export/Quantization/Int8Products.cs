using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Products with weights in 8-bit integers: MatMul, Gemm, convolutions over one dimension, and tables that Gather reads.</summary>
/// <remarks>
/// Each row of activations is quantized by itself, a = max|x| / 127, q = round(x / a) + 128, so that an answer depends on nothing that it did
/// not depend on in float: not on the batch, the neighbours or the padding. Then y = a * w * sum((q - 128) * q_w), with w of the output channel. A convolution
/// is the product over its taps side by side. <c>DynamicQuantizeLinear</c>, which has one scale for the whole batch, is not used.
/// </remarks>
sealed class Int8Products(QuantizationOptions options)
{
    readonly Int8WeightStore weights = new(options);
    readonly Dictionary<(EditedGraph, string), Int8Rows> quantized = [];        // several products may read the same activations

    /// <summary>Converts a graph and those nested in it.</summary>
    /// <returns>How many nodes.</returns>
    public int Convert(EditedGraph graph)
    {
        var converted = 0;
        graph.Rewrite(node =>
        {
            converted += node.NestedGraphs().Sum(nested => Convert(graph.Nested(nested)));
            if (node.Domain is "" or "ai.onnx" && Convert(graph, node))
            {
                converted++;
            }
            else
            {
                graph.Write(node);
            }
        });
        return converted;
    }

    bool Convert(EditedGraph graph, NodeProto node)
    {
        switch (node.OpType)
        {
            case "MatMul" when weights.Matrix(graph, node.Input[1]) is { } weight:
                Product(graph, node.Input[0], weight, null, node.Output[0]);
                return true;
            case "Gemm" when IsPlain(node) && weights.Matrix(graph, node.Input[1], node.Number("transB") == 1) is { } weight:
                Product(graph, node.Input[0], weight, node.Input.ElementAtOrDefault(2), node.Output[0]);
                return true;
            case "Conv" when IsDense(node) && weights.Taps(graph, node.Input[1]) is { } weight:
                Convolution(graph, node, weight);
                return true;
            case "Gather" when node.Number("axis") == 0 && weights.Table(graph, node.Input[0]) is { } table:
                Lookup(graph, table, node.Input[1], node.Output[0]);
                return true;
            default:
                return false;
        }
    }

    static bool IsPlain(NodeProto gemm) =>
        gemm.Number("transA") == 0 && gemm.Attribute.All(attribute => attribute.Name is not ("alpha" or "beta") || attribute.F == 1);

    static bool IsDense(NodeProto conv) =>
        conv.Number("group", 1) == 1 && conv.Attribute.All(attribute => attribute.Name != "auto_pad" || attribute.S.ToStringUtf8() == "NOTSET");

    /// <summary>x W + b: [..,In] -> [..,Out].</summary>
    void Product(EditedGraph graph, string x, Int8Weight weight, string? bias, string output)
    {
        if (!quantized.TryGetValue((graph, x), out var rows))
        {
            quantized.Add((graph, x), rows = Int8Rows.Of(graph, x, weight.Rows));
        }
        var biased = bias is { Length: > 0 };
        var product = rows.Times(graph, weight, biased ? graph.Fresh($"{output}.product") : output);
        if (biased)
        {
            graph.Op("Add", output, [product, bias!]);
        }
    }

    /// <summary>[B,In,T] -> [B,Out,T'], as a product over the taps side by side: [B,T',kernel * In] -> [B,T',Out].</summary>
    void Convolution(EditedGraph graph, NodeProto conv, Int8Weight weight)
    {
        var output = conv.Output[0];
        string Name(string what) => graph.Fresh($"{output}.{what}");
        var (pads, stride, dilation) = (conv.Numbers("pads"), conv.Numbers("strides") is [var s] ? s : 1, conv.Numbers("dilations") is [var d] ? d : 1);
        var x = graph.Op("Transpose", Name("rows"), [conv.Input[0]], ("perm", (long[])[0, 2, 1]));
        if (pads is [var before, var after] && before + after > 0)
        {
            x = graph.Op("Pad", Name("padded"), [x, graph.Literal(0, before, 0, 0, after, 0)]);
        }
        var kernel = (int)graph.Constant(conv.Input[1])!.Value.Tensor.Dims[2];
        if (kernel > 1 || stride > 1)
        {
            var taps = Enumerable.Range(0, kernel).Select(tap => graph.Op("Slice", Name($"tap{tap}"),
                [x, graph.Literal(tap * dilation), graph.Literal(tap == kernel - 1 ? long.MaxValue : (tap - kernel + 1) * dilation), graph.Literal(1), graph.Literal(stride)])).ToArray();
            x = graph.Op("Concat", Name("taps"), taps, ("axis", 2));
        }
        var product = Name("columns");
        Product(graph, x, weight, conv.Input.ElementAtOrDefault(2), product);
        graph.Op("Transpose", output, [product], ("perm", (long[])[0, 2, 1]));
    }

    /// <summary>Rows of a table: [..] -> [..,C].</summary>
    static void Lookup(EditedGraph graph, Int8Weight table, string indices, string output)
    {
        var integers = graph.Op("Gather", graph.Fresh($"{output}.int8"), [table.Integers, indices]);
        var scales = graph.Op("Gather", graph.Fresh($"{output}.scale"), [table.Scales, indices]);            // [..,1]
        graph.Op("Mul", output, [graph.Op("Cast", graph.Fresh($"{output}.float"), [integers], ("to", DataType.Float)), scales]);
    }
}
