using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>What a model says of its values without being run: types, of which it need not say all, and constants.</summary>
/// <param name="outer">What is said of the graph around.</param>
sealed class ValueTypes(ValueTypes? outer)
{
    readonly Dictionary<string, (DataType Type, int? Rank)?> types = [];      // of every name that is declared: it may hide one around
    readonly Dictionary<string, TensorProto> constants = [];

    /// <summary>The element type and the rank of a tensor; null where the model does not say.</summary>
    public (DataType Type, int? Rank)? this[string name] => types.TryGetValue(name, out var type) ? type : outer?[name];

    /// <summary>The tensor that a name always is; null where it is computed, or may be fed.</summary>
    public TensorProto? Constant(string name) => types.ContainsKey(name) ? constants.GetValueOrDefault(name) : outer?.Constant(name);

    /// <summary>Adds what a graph declares.</summary>
    public void Add(GraphProto graph)
    {
        Add(graph.ValueInfo.Concat(graph.Input).Concat(graph.Output));
        var fed = graph.Input.Select(input => input.Name).ToHashSet();
        foreach (var tensor in graph.Initializer.Where(tensor => !fed.Contains(tensor.Name)))
        {
            Add(tensor.Name, tensor);
        }
        foreach (var constant in graph.Node.Where(node => node.OpType == "Constant" && node.Output.Count == 1))
        {
            if (constant.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } tensor)
            {
                Add(constant.Output[0], tensor);
            }
        }
    }

    /// <summary>Adds a constant.</summary>
    public void Add(string name, TensorProto constant)
    {
        types[name] = ((DataType)constant.DataType, constant.Dims.Count);
        constants[name] = constant;
    }

    /// <summary>Adds declared types; what is no tensor is known by name alone.</summary>
    public void Add(IEnumerable<ValueInfoProto> values)
    {
        foreach (var value in values)
        {
            if (value.Type?.TensorType is { } tensor)
            {
                types[value.Name] = ((DataType)tensor.ElemType, tensor.Shape?.Dim.Count);
            }
            else
            {
                types.TryAdd(value.Name, null);
            }
        }
    }
}
