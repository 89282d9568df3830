using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>What is known of every edge of a model's graph: what the model declares, and what follows from it node by node.</summary>
/// <remarks>
/// Nodes are read once, in their order, so that a graph of any form takes time by its size. What functions and nodes with bodies make is not followed:
/// it is known as far as the model declares it.
/// </remarks>
sealed class GraphTypes
{
    readonly Dictionary<string, EdgeType> declared = [];
    readonly Dictionary<string, EdgeType> known = [];
    readonly HashSet<(string, string)> functions;
    readonly Dictionary<string, long> opsets = [];
    readonly OutputTypes elements = new([]);
    readonly IReadOnlyDictionary<string, long> sizes;

    /// <param name="model">A model.</param>
    /// <param name="sizes">Numbers for symbolic dimensions.</param>
    /// <exception cref="OnnxModelException">The model contradicts itself.</exception>
    public GraphTypes(ModelProto model, IReadOnlyDictionary<string, long>? sizes = null)
    {
        this.sizes = sizes ?? new Dictionary<string, long>();
        functions = [.. model.Functions.Select(function => (OperatorSets.Canonical(function.Domain), function.Name))];
        foreach (var import in model.OpsetImport)
        {
            opsets.TryAdd(OperatorSets.Canonical(import.Domain), import.Version);
        }
        Declare(model.Graph);
        foreach (var node in model.Graph.Node)
        {
            Infer(node);
        }
    }

    /// <summary>What is known of an edge.</summary>
    public EdgeType this[string edge] => known.GetValueOrDefault(edge) ?? declared.GetValueOrDefault(edge) ?? EdgeType.Unknown;

    /// <summary>A node with what is known of what it reads.</summary>
    public TypedNode Of(NodeProto node) => new(node, [.. node.Input.Select(input => this[input])]);

    /// <summary>What is known of a node's operator; null for functions, and for operators that are not known.</summary>
    public OperatorRule? RuleOf(NodeProto node)
    {
        var domain = OperatorSets.Canonical(node.Domain);
        return functions.Contains((domain, node.OpType)) ? null : OperatorRules.For(node, opsets.GetValueOrDefault(domain));
    }

    void Declare(GraphProto graph)
    {
        foreach (var info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            declared.TryAdd(info.Name, EdgeType.Of(info.Type, sizes));
        }
        var inputs = graph.Input.Select(input => input.Name).ToHashSet();      // an initializer of such a name is only a default
        foreach (var tensor in graph.Initializer.Where(tensor => !inputs.Contains(tensor.Name)))
        {
            known.TryAdd(tensor.Name, EdgeType.Of(tensor));
        }
        foreach (var sparse in graph.SparseInitializer.Where(sparse => !inputs.Contains(sparse.Values.Name)))
        {
            known.TryAdd(sparse.Values.Name, new((DataType)sparse.Values.DataType, EdgeType.Followed(sparse.Dims.Select(dim => (Dim)dim))));
        }
    }

    void Infer(NodeProto node)
    {
        var typed = Of(node);
        var shapes = RuleOf(node)?.Shapes(typed) ?? [];
        var types = shapes.Count > 0 ? elements.Of(node, input => this[input].Element) : [];
        for (var i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i] is { Length: > 0 } output)
            {
                var type = Agreed(node, output, i < shapes.Count ? new(Defined(types[i]), EdgeType.Followed(shapes[i])) : EdgeType.Unknown);
                known[output] = i == 0 && shapes.Count > 0 ? type with { Values = KnownValues.Of(typed, type) } : type;
            }
        }
    }

    static DataType Defined(DataType type) => Enum.IsDefined(type) ? type : DataType.Undefined;

    /// <summary>What was inferred and what is declared, as one: a number goes before a symbol, and what follows from the inputs before what is only declared.</summary>
    EdgeType Agreed(NodeProto node, string output, EdgeType found)
    {
        var expected = declared.GetValueOrDefault(output) ?? EdgeType.Unknown;
        if ((found.Element != expected.Element && found.Element != DataType.Undefined && expected.Element != DataType.Undefined)
            || (found.Shape is not null && expected.Shape is not null && Differ(found.Shape, expected.Shape)))
        {
            throw new OnnxModelException($"Node '{node.Name}' ({node.OpType}) makes edge '{output}' as {OnnxValues.Describe(found.ToProto())}; expected {OnnxValues.Describe(expected.ToProto())}, " +
                "as the model declares it. Correct the declaration, or what the node reads.");
        }
        var shape = found.Shape is null || expected.Shape is null ? found.Shape ?? expected.Shape
            : [.. found.Shape.Zip(expected.Shape, (a, b) => a.Number is not null || !b.IsKnown || (a.IsKnown && b.Number is null) ? a : b)];
        return new(found.Element == DataType.Undefined ? expected.Element : found.Element, shape);
    }

    static bool Differ(Dim[] a, Dim[] b) =>
        a.Length != b.Length || a.Zip(b).Any(pair => pair.First.Number is { } x && pair.Second.Number is { } y && x != y);
}
