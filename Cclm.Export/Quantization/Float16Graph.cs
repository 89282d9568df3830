using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>One graph on its way to half precision: nodes that can are computed in it, all others in float32, and what goes between is cast.</summary>
/// <remarks>
/// A node that reads a constant beyond half precision (such as -1e9 for what attention may not see) stays in float32, and so does what follows from it and
/// from sums, until results are of moderate size again.
/// </remarks>
sealed class Float16Graph
{
    readonly EditedGraph graph;
    readonly Float16Graph? outer;
    readonly Float16Graphs all;
    readonly Dictionary<string, DataType> types = [];
    readonly Dictionary<(string, DataType), string> casts = [];
    readonly HashSet<string> large = [];        // values that may be beyond half precision
    readonly HashSet<string> outputs;

    public Float16Graph(EditedGraph graph, Float16Graph? outer, Float16Graphs all)
    {
        (this.graph, this.outer, this.all) = (graph, outer, all);
        outputs = [.. graph.Graph.Output.Select(output => output.Name)];
        foreach (var value in graph.Graph.Input)
        {
            types[value.Name] = (DataType)(value.Type?.TensorType?.ElemType ?? 0);
        }
        foreach (var tensor in graph.Graph.Initializer)
        {
            types[tensor.Name] = (DataType)tensor.DataType;
        }
    }

    public void Convert()
    {
        graph.Rewrite(Convert);
        foreach (var value in graph.Graph.ValueInfo.Where(value => types.GetValueOrDefault(value.Name) == DataType.Float16))
        {
            value.Type.TensorType.ElemType = (int)DataType.Float16;
        }
    }

    void Convert(NodeProto node)
    {
        foreach (var nested in node.NestedGraphs())
        {
            new Float16Graph(graph.Nested(nested), this, all).Convert();
        }
        var given = all.Types.Of(node, TypeOf);
        var isLarge = node.Input.Any(IsLarge) || node.Input.Any(IsKept);
        var half = Float16Operators.IsHalf(node) && IsFloat(given[0]) && !node.Input.Any(IsKept) && (Float16Operators.IsModerate(node) || !isLarge);
        var read = node.Input.Count > 0 ? TypeOf(node.Input[0]) : DataType.Undefined;
        for (var i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = IsFloat(TypeOf(node.Input[i])) ? As(node.Input[i], half ? DataType.Float16 : DataType.Float) : node.Input[i];
        }
        graph.Write(node);
        var results = node.OpType == "Cast" && node.Domain is "" or "ai.onnx" ? given : [.. given.Select(type => IsFloat(type) ? half ? DataType.Float16 : DataType.Float : type)];
        for (var i = 0; i < node.Output.Count; i++)
        {
            Give(node, i, results[i]);
            if (Float16Operators.IsLarge(node, read) || (isLarge && !Float16Operators.IsModerate(node)))
            {
                large.Add(node.Output[i]);
            }
        }
    }

    /// <summary>Notes an output's type; a half that is an output of the graph gets another name, and is cast.</summary>
    void Give(NodeProto node, int index, DataType type)
    {
        var name = node.Output[index];
        types[name] = type;
        if (type == DataType.Float16 && outputs.Contains(name))
        {
            node.Output[index] = graph.Fresh($"{name}.float16");
            graph.Op("Cast", name, [node.Output[index]], ("to", DataType.Float));
            types[node.Output[index]] = type;
            types[name] = DataType.Float;
            casts[(name, DataType.Float16)] = node.Output[index];
        }
    }

    string As(string name, DataType type)
    {
        if (TypeOf(name) == type)
        {
            return name;
        }
        if (Known(name, type) is { } known)
        {
            return known;
        }
        if (type == DataType.Float16 && graph.Constant(name) is var (tensor, place))
        {
            return tensor.Name == name ? all.Half(tensor, place) : graph.Literal(Float16Operators.Round(tensor, ""));
        }
        var cast = graph.Op("Cast", graph.Fresh($"{name}.{(type == DataType.Float16 ? "float16" : "float32")}"), [name], ("to", type));
        types[cast] = type;
        casts.Add((name, type), cast);
        return cast;
    }

    string? Known(string name, DataType type) => casts.GetValueOrDefault((name, type)) ?? (types.ContainsKey(name) ? null : outer?.Known(name, type));

    DataType TypeOf(string name) => types.TryGetValue(name, out var type) ? type : outer?.TypeOf(name) ?? DataType.Undefined;

    bool IsLarge(string name) => large.Contains(name) || (!types.ContainsKey(name) && outer?.IsLarge(name) == true);

    bool IsKept(string name) => graph.Constant(name) is var (tensor, _) && all.IsKept(name, tensor, isWeight: tensor.Name == name);

    static bool IsFloat(DataType type) => type is DataType.Float or DataType.Float16;
}
