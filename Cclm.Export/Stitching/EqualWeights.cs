using Onnx;
using static Onnx.AttributeProto.Types;

namespace Cclm.Export;

/// <summary>Finds weights and constants that are in a graph already, by their type, shape and bytes.</summary>
sealed class EqualWeights
{
    readonly Dictionary<(int Type, string Shape), List<(TensorProto Tensor, string Edge)>> known = [];

    /// <summary>Takes out of a part's graph what the whole has already.</summary>
    /// <param name="graph">The part's graph, its names its own.</param>
    /// <param name="prefix">What its names begin with in the whole.</param>
    /// <returns>For each edge that was taken out, the edge of the whole that has its value.</returns>
    public Dictionary<string, string> Share(GraphProto graph, string prefix)
    {
        var shared = new Dictionary<string, string>();
        var annotated = graph.QuantizationAnnotation.Select(annotation => annotation.TensorName).ToHashSet();
        foreach (var tensor in graph.Initializer.Where(tensor => !annotated.Contains(tensor.Name)).ToArray())
        {
            if (Find(tensor, prefix + tensor.Name) is { } edge)
            {
                shared.Add(tensor.Name, edge);
                graph.Initializer.Remove(tensor);
            }
        }
        foreach (var node in graph.Node.Where(node => node.OpType == "Constant" && node.Output.Count == 1).ToArray())
        {
            if (node.Attribute is [{ Type: AttributeType.Tensor, T: { } tensor }] && !annotated.Contains(node.Output[0]) && Find(tensor, prefix + node.Output[0]) is { } edge)
            {
                shared.Add(node.Output[0], edge);
                graph.Node.Remove(node);
            }
        }
        foreach (var lost in graph.ValueInfo.Where(value => shared.ContainsKey(value.Name)).ToArray())
        {
            graph.ValueInfo.Remove(lost);
        }
        return shared;
    }

    /// <summary>The edge with this value; where there is none, the one given has it from now on.</summary>
    string? Find(TensorProto tensor, string edge)
    {
        var key = (tensor.DataType, string.Join(',', tensor.Dims));
        if (!known.TryGetValue(key, out var same))
        {
            known.Add(key, same = []);
        }
        var found = same.Find(other => TensorData.Same(other.Tensor, tensor));
        if (found.Tensor is null)
        {
            same.Add((tensor, edge));
        }
        return found.Edge;
    }
}
