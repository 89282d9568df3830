using Onnx;

namespace Cclm.Export;

/// <summary>Whether a model is nested no deeper than can be read, copied and compared: each of these walks down one call a level.</summary>
static class NestingCheck
{
    /// <summary>Graphs in graphs, and types in types: what the parser of protobuf, which stops at 100 messages in one another, can read back.</summary>
    const int Deepest = 30;

    /// <summary>What is nested too deep; null for a model that can be walked.</summary>
    public static string? Problem(ModelProto model)
    {
        var graphs = new Stack<(GraphProto Graph, int Depth)>(model.TrainingInfo.SelectMany(training => (GraphProto?[])[training.Initialization, training.Algorithm])
            .Append(model.Graph).OfType<GraphProto>().Select(graph => (graph, 1)));
        foreach (var function in model.Functions)
        {
            graphs.Push((new() { Name = function.Name, ValueInfo = { function.ValueInfo }, Node = { function.Node, new NodeProto { Attribute = { function.AttributeProto } } } }, 1));
        }
        while (graphs.TryPop(out var next))
        {
            if (next.Depth > Deepest)
            {
                return $"graph '{next.Graph.Name}' is nested more than {Deepest} graphs deep; expected fewer. Flatten the model's branches and loops.";
            }
            if (Types(next.Graph).Any(IsTooDeep))
            {
                return $"a type in graph '{next.Graph.Name}' is nested more than {Deepest} types deep; expected fewer. Declare the value's type anew.";
            }
            foreach (var nested in next.Graph.Node.SelectMany(node => node.NestedGraphs()))
            {
                graphs.Push((nested, next.Depth + 1));
            }
        }
        return null;
    }

    static IEnumerable<TypeProto?> Types(GraphProto graph) => graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Select(value => value.Type)
        .Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(attribute => attribute.TypeProtos.Append(attribute.Tp)));

    static bool IsTooDeep(TypeProto? type)
    {
        for (var depth = 0; type is not null; depth++)
        {
            if (depth == Deepest)
            {
                return true;
            }
            type = type.SequenceType?.ElemType ?? type.OptionalType?.ElemType ?? type.MapType?.ValueType;
        }
        return false;
    }
}
