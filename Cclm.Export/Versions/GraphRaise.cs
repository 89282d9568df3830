using Google.Protobuf.Collections;
using Onnx;

namespace Cclm.Export;

/// <summary>Raises the nodes of one graph or function, and of the graphs nested in it.</summary>
/// <param name="target">What to raise them to.</param>
/// <param name="own">Operators of the domain that the model itself defines as functions: the history says nothing of them.</param>
/// <param name="outside">Values that are read from outside the graph, beside its outputs.</param>
sealed class GraphRaise(RaiseTarget target, HashSet<string> own, IEnumerable<string> outside)
{
    readonly HashSet<string> names = [], read = [.. outside];

    /// <summary>Raises in place.</summary>
    public void Apply(GraphProto graph, long from)
    {
        AddNames(graph);
        Apply(graph, from, new ValueTypes(null));
    }

    /// <inheritdoc cref="Apply(GraphProto, long)"/>
    public void Apply(FunctionProto function, long from)
    {
        names.UnionWith(function.Input);
        read.UnionWith(function.Output);
        AddNames(function.Node);
        var types = new ValueTypes(null);
        types.Add(function.ValueInfo);
        Apply(function.Node, from, types);
    }

    void Apply(GraphProto graph, long from, ValueTypes types)
    {
        types.Add(graph);
        Apply(graph.Node, from, types);
    }

    void Apply(RepeatedField<NodeProto> nodes, long from, ValueTypes types)
    {
        var raised = new List<NodeProto>(nodes.Count);
        foreach (var node in nodes)
        {
            foreach (var nested in node.NestedGraphs())
            {
                Apply(nested, from, new ValueTypes(types));
            }
            if (IsOurs(node))
            {
                target.EnsureExists(node, from);
            }
            Apply(node, from, types, raised);
        }
        nodes.Clear();
        nodes.AddRange(raised);
    }

    /// <summary>A rewrite makes nodes of the version that changed the operator; later versions may change those again.</summary>
    void Apply(NodeProto node, long from, ValueTypes types, List<NodeProto> raised)
    {
        if (!IsOurs(node) || target.NextChange(node, from) is not { } change)
        {
            raised.Add(node);
            return;
        }
        foreach (var (rewritten, version) in NodeRewrite.Apply(node, from, change, new(target, types, names, read)))
        {
            Apply(rewritten, version, types, raised);
        }
    }

    bool IsOurs(NodeProto node) => OperatorSets.Canonical(node.Domain) == target.Domain && !own.Contains(node.OpType);

    void AddNames(GraphProto graph)
    {
        names.UnionWith(graph.Defines());
        read.UnionWith(graph.Output.Select(output => output.Name));
        AddNames(graph.Node);
    }

    void AddNames(IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes)
        {
            names.UnionWith(node.Output.Append(node.Name));
            read.UnionWith(node.Input);
            foreach (var nested in node.NestedGraphs())
            {
                AddNames(nested);
            }
        }
    }
}
