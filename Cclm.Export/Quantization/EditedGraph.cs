using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>A graph whose nodes are rewritten one by one, in order, with what it sees of the graphs around it.</summary>
sealed class EditedGraph
{
    readonly GraphProto graph;
    readonly EditedGraph? outer;
    readonly HashSet<string> names;
    readonly HashSet<string> own;
    readonly Dictionary<string, NodeProto> makers = [];
    readonly Dictionary<string, TensorProto> weights;
    readonly List<NodeProto> written = [];
    readonly Dictionary<TensorProto, string> literals = [];

    EditedGraph(GraphProto graph, EditedGraph? outer, HashSet<string> names)
    {
        (this.graph, this.outer, this.names) = (graph, outer, names);
        own = [.. graph.Defines()];
        var inputs = graph.Input.Select(input => input.Name).ToHashSet();      // an input's default can be replaced, so it is no constant
        weights = graph.Initializer.Where(tensor => !inputs.Contains(tensor.Name)).ToDictionary(tensor => tensor.Name);
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output.Where(output => output.Length > 0))
            {
                makers[output] = node;
            }
        }
    }

    /// <summary>The outermost graph of a model.</summary>
    public static EditedGraph Of(ModelProto model) => new(model.Graph, null, [.. NamesOf(model.Graph)]);

    /// <summary>The graph; <see cref="Rewrite"/> changes its nodes.</summary>
    public GraphProto Graph => graph;

    /// <summary>A body or branch of one of its nodes.</summary>
    public EditedGraph Nested(GraphProto nested) => new(nested, this, names);

    /// <summary>Weights of this graph that nothing replaces.</summary>
    public IReadOnlyCollection<TensorProto> Weights => weights.Values;

    /// <summary>The weight or constant of a name, and the graph that it lies in; null where it is computed or given.</summary>
    public (TensorProto Tensor, EditedGraph In)? Constant(string name) =>
        weights.TryGetValue(name, out var weight) ? (weight, this)
        : makers.TryGetValue(name, out var maker) ? ValueOf(maker) is { } value ? (value, this) : null
        : own.Contains(name) ? null : outer?.Constant(name);

    /// <summary>The node that makes a value, here or around, and the graph that it lies in; null for inputs and weights.</summary>
    public (NodeProto Node, EditedGraph In)? Maker(string name) =>
        makers.TryGetValue(name, out var maker) ? (maker, this) : own.Contains(name) ? null : outer?.Maker(name);

    /// <summary>Rewrites every node; what writes calls <see cref="Write"/> and <see cref="Op"/>.</summary>
    public void Rewrite(Action<NodeProto> rewrite)
    {
        foreach (var node in graph.Node.ToArray())
        {
            rewrite(node);
        }
        graph.Node.Clear();
        graph.Node.AddRange(written);
    }

    /// <summary>Writes a node.</summary>
    public void Write(NodeProto node) => written.Add(node);

    /// <summary>Writes a new node with one output.</summary>
    /// <param name="opType">A standard operator.</param>
    /// <param name="output">Its output, as it is: see <see cref="Fresh"/>.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Its constants.</param>
    /// <returns>The output.</returns>
    public string Op(string opType, string output, IEnumerable<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = opType, Name = output, Input = { inputs }, Output = { output } };
        foreach (var (name, value) in attributes)
        {
            node.Attribute.Add(OnnxValues.Attribute(name, value));
        }
        written.Add(node);
        own.Add(output);
        return output;
    }

    /// <summary>A constant of this graph; equal ones are one node.</summary>
    public string Literal(TensorProto value)
    {
        if (!literals.TryGetValue(value, out var name))
        {
            literals.Add(value, name = Op("Constant", Fresh("constant"), [], ("value", value)));
        }
        return name;
    }

    /// <summary>A vector of integers, such as axes or a shape.</summary>
    public string Literal(params ReadOnlySpan<long> values) =>
        Literal(OnnxValues.Tensor("", DataType.Int64, MemoryMarshal.AsBytes(values), values.Length));

    /// <summary>A number.</summary>
    public string Literal(float value) => Literal(OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes<float>([value])));

    /// <summary>Adds a weight to this graph.</summary>
    public string Store(TensorProto tensor)
    {
        own.Add(tensor.Name);
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>A name that nothing in the model has: the one asked for, or with a number behind it.</summary>
    public string Fresh(string name)
    {
        var fresh = name;
        for (var i = 2; !names.Add(fresh); i++)
        {
            fresh = $"{name}_{i}";
        }
        return fresh;
    }

    static TensorProto? ValueOf(NodeProto node) => node is { OpType: "Constant", Domain: "" or "ai.onnx", Attribute: [var value] }
        ? value.Name switch
        {
            "value" => value.T,
            "value_float" => OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes<float>([value.F])),
            "value_floats" => OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes<float>(value.Floats.ToArray()), value.Floats.Count),
            _ => null,
        }
        : null;

    static IEnumerable<string> NamesOf(GraphProto graph) => graph.Defines().Concat(graph.Node.Select(node => node.Name))
        .Concat(graph.Node.SelectMany(node => node.NestedGraphs()).SelectMany(NamesOf));
}
