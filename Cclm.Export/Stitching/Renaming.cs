using Google.Protobuf.Collections;
using Onnx;
using static Onnx.TensorShapeProto.Types;

namespace Cclm.Export;

/// <summary>Gives everything a graph names another name, in nested graphs (the bodies of If, Loop and Scan) too.</summary>
sealed class Renaming
{
    readonly Func<string, string> own;
    readonly IReadOnlyDictionary<string, string> edges;
    readonly Func<Dimension, Dimension> symbol;

    Renaming(Func<string, string> own, IReadOnlyDictionary<string, string> edges, Func<Dimension, Dimension> symbol) =>
        (this.own, this.edges, this.symbol) = (own, edges, symbol);

    /// <summary>The names of a part that becomes one of another graph.</summary>
    /// <param name="prefix">Goes before every name.</param>
    /// <param name="edges">Inputs of the outermost graph that are edges of another graph from now on, and keep those edges' names.</param>
    /// <param name="symbols">What symbolic dimensions become; those not listed get the prefix.</param>
    public static Renaming Into(string prefix, IReadOnlyDictionary<string, string> edges, IReadOnlyDictionary<string, Dimension> symbols) => new(
        name => prefix + name, edges,
        dim => symbols.TryGetValue(dim.DimParam, out var outside) ? outside.Clone() : new() { DimParam = prefix + dim.DimParam });

    /// <summary>The names that a part had before it became one of another graph; symbolic dimensions that it shares with that graph stay as they are there.</summary>
    /// <param name="prefix">What <see cref="Into"/> put before them.</param>
    /// <param name="inputs">The part's inputs by the edges that feed them.</param>
    public static Renaming OutOf(string prefix, IReadOnlyDictionary<string, string> inputs)
    {
        string Without(string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        return new(Without, inputs, dim => new() { DimParam = Without(dim.DimParam) });
    }

    /// <summary>Renames in place.</summary>
    public void Apply(GraphProto graph) => Apply(graph, name => edges.GetValueOrDefault(name) ?? own(name));

    void Apply(GraphProto graph, Func<string, string> rename)
    {
        string Name(string name) => name.Length == 0 ? name : rename(name);     // no name is an optional edge left out
        foreach (var tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(sparse => sparse.Values)))
        {
            tensor.Name = Name(tensor.Name);
        }
        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            value.Name = Name(value.Name);
            Apply(value.Type);
        }
        foreach (var annotation in graph.QuantizationAnnotation)
        {
            annotation.TensorName = Name(annotation.TensorName);
            foreach (var parameter in annotation.QuantParameterTensorNames)
            {
                parameter.Value = Name(parameter.Value);
            }
        }
        foreach (var node in graph.Node)
        {
            if (node.Name.Length > 0)
            {
                node.Name = own(node.Name);
            }
            Apply(node.Input, Name);
            Apply(node.Output, Name);
            foreach (var sharding in node.DeviceConfigurations.SelectMany(configuration => configuration.ShardingSpec))
            {
                sharding.TensorName = Name(sharding.TensorName);
            }
            foreach (var nested in node.NestedGraphs())
            {
                var inside = nested.Defines().ToHashSet();      // hides a name of the same spelling outside
                Apply(nested, name => inside.Contains(name) ? own(name) : rename(name));
            }
        }
    }

    static void Apply(RepeatedField<string> names, Func<string, string> rename)
    {
        for (var i = 0; i < names.Count; i++)
        {
            names[i] = rename(names[i]);
        }
    }

    void Apply(TypeProto? type)
    {
        switch (type?.ValueCase)
        {
            case TypeProto.ValueOneofCase.TensorType:
                Apply(type.TensorType.Shape);
                break;
            case TypeProto.ValueOneofCase.SparseTensorType:
                Apply(type.SparseTensorType.Shape);
                break;
            case TypeProto.ValueOneofCase.SequenceType:
                Apply(type.SequenceType.ElemType);
                break;
            case TypeProto.ValueOneofCase.OptionalType:
                Apply(type.OptionalType.ElemType);
                break;
            case TypeProto.ValueOneofCase.MapType:
                Apply(type.MapType.ValueType);
                break;
        }
    }

    void Apply(TensorShapeProto? shape)
    {
        for (var i = 0; i < shape?.Dim.Count; i++)
        {
            if (shape.Dim[i] is { HasDimParam: true } dim)
            {
                shape.Dim[i] = symbol(dim);
            }
        }
    }
}
