using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Weights of two dimensions and more as 8-bit integers with a scale for each output channel; a DequantizeLinear gives what reads them floats under the old name.</summary>
sealed class Int8Weights(QuantizationOptions options)
{
    /// <summary>Converts a graph and those nested in it.</summary>
    /// <returns>How many weights.</returns>
    public int Convert(EditedGraph graph)
    {
        var weights = graph.Weights.Where(IsLarge).ToArray();
        var readers = graph.Graph.Node.SelectMany(node => node.AndNested()).ToArray();
        foreach (var weight in weights)
        {
            Convert(graph, weight, IsColumns(weight.Name, readers) ? 1 : 0);
        }
        var converted = weights.Length;
        graph.Rewrite(node =>
        {
            converted += node.NestedGraphs().Sum(nested => Convert(graph.Nested(nested)));
            graph.Write(node);
        });
        return converted;
    }

    bool IsLarge(TensorProto tensor) => tensor.DataType == (int)DataType.Float && tensor.Dims.Count >= 2
        && ElementType.Count(tensor.Dims.ToArray()) is > 0 and var count && count >= options.SmallestWeight && !options.Keeps(tensor.Name);

    /// <summary>Whether the output channels are the second dimension: it is the right side of a product as it lies, [In,Out].</summary>
    static bool IsColumns(string weight, IEnumerable<NodeProto> nodes) =>
        nodes.Any(node => node.OpType is "MatMul" or "Gemm" && node.Input.ElementAtOrDefault(1) == weight && node.Number("transB") == 0);

    static void Convert(EditedGraph graph, TensorProto weight, int axis)
    {
        var shape = weight.Dims.ToArray();
        var inner = shape.Skip(axis + 1).Aggregate(1L, (product, dim) => product * dim);
        var (integers, scales) = Int8Matrix.Quantize(Int8Matrix.Floats(weight), (int)shape[axis], (int)inner, Int8Matrix.AllBits);
        graph.Graph.Initializer.Remove(weight);
        graph.Op("DequantizeLinear", weight.Name,
            [graph.Store(Int8Matrix.Tensor(graph.Fresh($"{weight.Name}.int8"), integers, shape)), graph.Store(Int8Matrix.Tensor(graph.Fresh($"{weight.Name}.scale"), scales, shape[axis]))],
            ("axis", axis));
    }
}
