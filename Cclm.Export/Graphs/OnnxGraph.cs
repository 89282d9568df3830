using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>An edge of an <see cref="OnnxGraph"/> under construction: a value, never a string that the caller makes up.</summary>
/// <param name="Name">The edge's name in the file. <c>default(Edge)</c> is an optional input left out.</param>
public readonly record struct Edge(string Name);

/// <summary>Builds one ONNX graph. Operators are the standard's, by their own names; edges are named here and nowhere else.</summary>
/// <remarks>
/// IR 10 and opset 20 (Gelu needs 20, LayerNormalization 17), or those of the newest model that is included: everything else is raised to them
/// (<see cref="VersionConversion"/>). A graph imports only the operator sets that its nodes use, and the standard's own. Not thread safe.
/// </remarks>
/// <param name="name">The graph's name in the file.</param>
public sealed partial class OnnxGraph(string name)
{
    GraphProto graph = new() { Name = name };
    readonly HashSet<string> names = [];
    readonly HashSet<string> nodeNames = [];        // models that are included may have their own
    readonly Dictionary<string, TypeProto> types = [];              // of the edges whose type is known: inputs, outputs of parts
    readonly Dictionary<string, TensorProto> initializers = [];
    readonly Dictionary<TensorProto, Edge> constants = [];
    readonly SortedDictionary<string, long> imports = new(StringComparer.Ordinal);
    long irVersion = OperatorSets.IrVersion;
    string scope = "";
    int next;

    /// <summary>Adds an input. A dimension is a number (<c>"3"</c>) or the name of one (<c>"B"</c>); no dimensions make a scalar.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Edge Input(string name, DataType type, params ReadOnlySpan<string> dims) => Input(name, OnnxValues.Info(name, type, dims).Type);

    /// <summary>Adds an input of any type: a sequence, an optional value, or a tensor whose rank is not known.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Edge Input(string name, TypeProto type)
    {
        var input = new ValueInfoProto { Name = Claim(name), Type = type.Clone() };
        graph.Input.Add(input);
        types.Add(name, input.Type);
        return new(name);
    }

    /// <summary>Makes an edge an output of this name.</summary>
    /// <inheritdoc cref="Input(string, DataType, ReadOnlySpan{string})"/>
    public void Output(string name, Edge value, DataType type, params ReadOnlySpan<string> dims) => Output(OnnxValues.Info(name, type, dims), value);

    /// <summary>Makes an edge a float output of this name.</summary>
    /// <inheritdoc cref="Input(string, DataType, ReadOnlySpan{string})"/>
    public void Output(string name, Edge value, params ReadOnlySpan<string> dims) => Output(name, value, DataType.Float, dims);

    /// <summary>Makes an edge of any type an output of this name.</summary>
    /// <inheritdoc cref="Input(string, TypeProto)"/>
    public void Output(string name, Edge value, TypeProto type) => Output(new ValueInfoProto { Name = name, Type = type.Clone() }, value);

    /// <summary>Adds a trained weight, stored once however often it is asked for.</summary>
    /// <exception cref="ArgumentException">The data does not fill the shape, or the name is taken by something else.</exception>
    public Edge Initializer(string name, ReadOnlySpan<float> data, params ReadOnlySpan<long> shape) =>
        Store(OnnxValues.Tensor(name, DataType.Float, MemoryMarshal.AsBytes(data), shape));

    /// <inheritdoc cref="Initializer(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public Edge Initializer(string name, ReadOnlySpan<long> data, params ReadOnlySpan<long> shape) =>
        Store(OnnxValues.Tensor(name, DataType.Int64, MemoryMarshal.AsBytes(data), shape));

    /// <summary>A vector of integers, such as axes or a shape, as a constant of the graph: it is no weight.</summary>
    public Edge Constant(params ReadOnlySpan<long> values) =>
        Constant(OnnxValues.Tensor("", DataType.Int64, MemoryMarshal.AsBytes(values), values.Length));

    /// <summary>Any tensor as a constant of the graph. Equal constants are one node.</summary>
    public Edge Constant(TensorProto value)
    {
        if (!constants.TryGetValue(value, out var edge))
        {
            value = value.Clone();
            constants.Add(value, edge = Op("Constant", [], ("value", value)));
        }
        return edge;
    }

    /// <summary>A constant of rank 0.</summary>
    public Edge Scalar(long value) => Constant(OnnxValues.Tensor("", DataType.Int64, MemoryMarshal.AsBytes<long>([value])));

    /// <inheritdoc cref="Scalar(long)"/>
    public Edge Scalar(float value) => Constant(OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes<float>([value])));

    /// <inheritdoc cref="Scalar(long)"/>
    public Edge Scalar(bool value) => Constant(OnnxValues.Tensor("", DataType.Bool, [value ? (byte)1 : (byte)0]));

    /// <inheritdoc cref="Scalar(long)"/>
    public Edge Scalar(string value) => Constant(new TensorProto { DataType = (int)DataType.String, StringData = { ByteString.CopyFromUtf8(value) } });

    /// <summary>Adds a node with one output.</summary>
    /// <param name="opType">The operator's name, after its domain where that is not the standard's: <c>Add</c>, <c>com.microsoft.Tokenizer</c>.</param>
    /// <param name="inputs">What it reads; <c>default</c> for an optional input left out.</param>
    /// <param name="attributes">Its constants: numbers, strings, tensors, graphs, arrays of numbers or strings, or a <see cref="DataType"/>.</param>
    /// <exception cref="NotSupportedException">An attribute's value is of another type, or the domain is unknown.</exception>
    public Edge Op(string opType, ReadOnlySpan<Edge> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Add(opType, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several outputs, such as <c>Split</c> or <c>TopK</c>.</summary>
    /// <inheritdoc cref="Op"/>
    public Edge[] Ops(string opType, int outputs, ReadOnlySpan<Edge> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Add(opType, inputs, outputs, attributes);

    /// <summary>Writes down the type of an edge, for readers that do not know the operator that makes it, and for joins with parts.</summary>
    /// <returns>The same edge.</returns>
    public Edge Declare(Edge edge, DataType type, params ReadOnlySpan<string> dims)
    {
        var info = OnnxValues.Info(edge.Name, type, dims);
        graph.ValueInfo.Add(info);
        types[edge.Name] = info.Type;
        return edge;
    }

    /// <summary>Names the nodes added until it is disposed after the layer they belong to: <c>blocks.0.conv1/Conv_7</c>.</summary>
    public IDisposable Scope(string layer)
    {
        var outer = scope;
        scope = $"{scope}{layer}/";
        return new EndOfScope(() => scope = outer);
    }

    /// <summary>The graph as a model of its own; what is added later does not change it.</summary>
    public ModelProto ToModel()
    {
        var model = new ModelProto
        {
            IrVersion = irVersion,
            ProducerName = "cclm",
            ProducerVersion = typeof(OnnxGraph).Assembly.GetName().Version!.ToString(3),
            Graph = graph.Clone(),
        };
        model.Functions.AddRange(functions.Values.Select(function => function.Clone()));
        imports.TryAdd("", OperatorSets.Version(""));
        model.OpsetImport.AddRange(imports.Select(import => new OperatorSetIdProto { Domain = import.Key, Version = import.Value }));
        return model;
    }

    /// <summary>Makes an edge whose type is known, such as an output of a part, an output of this name.</summary>
    /// <exception cref="OnnxModelException">It is not known.</exception>
    internal void Output(string name, Edge value) => Output(name, value, types.GetValueOrDefault(value.Name) ?? throw new OnnxModelException($"Output '{name}' has no type. Export the part that makes it with the types of its outputs."));

    internal void Output(ValueInfoProto output, Edge value)
    {
        if (value.Name != output.Name)      // an included model may have named it so already
        {
            if (output.Type.TensorType is null)
            {
                Import("");     // an older Identity takes tensors alone
            }
            graph.Node.Add(new NodeProto { OpType = "Identity", Name = NodeName("Identity"), Input = { value.Name }, Output = { Claim(output.Name) } });
        }
        graph.Output.Add(output);
    }

    Edge Store(TensorProto tensor)
    {
        if (!initializers.TryGetValue(tensor.Name, out var stored))
        {
            Claim(tensor.Name);
            initializers.Add(tensor.Name, tensor);
            graph.Initializer.Add(tensor);
        }
        else if (!stored.Equals(tensor))
        {
            throw new ArgumentException($"Initializer '{tensor.Name}' is already in the graph with other content " +
                $"({OnnxValues.Describe(stored)}, now {OnnxValues.Describe(tensor)}). Give every weight a name of its own.");
        }
        return new(tensor.Name);
    }

    Edge[] Add(string opType, ReadOnlySpan<Edge> inputs, int outputs, ReadOnlySpan<(string, object)> attributes)
    {
        var dot = opType.LastIndexOf('.');      // operators have no dots in their names, domains have
        var (domain, op) = dot < 0 ? ("", opType) : (opType[..dot], opType[(dot + 1)..]);
        Import(domain);
        var node = new NodeProto { OpType = op };
        if (domain.Length > 0)
        {
            node.Domain = domain;
        }
        do
        {
            node.Name = NodeName($"{scope}{op}");
        }
        while (names.Contains(node.Name) || (outputs > 1 && names.Contains($"{node.Name}.0")));
        foreach (var input in inputs)
        {
            node.Input.Add(input.Name ?? "");
        }
        foreach (var (key, value) in attributes)
        {
            node.Attribute.Add(OnnxValues.Attribute(key, value));
        }
        for (var i = 0; i < outputs; i++)
        {
            node.Output.Add(Claim(outputs == 1 ? node.Name : $"{node.Name}.{i}"));
        }
        graph.Node.Add(node);
        return [.. node.Output.Select(output => new Edge(output))];
    }

    string NodeName(string title)
    {
        string name;
        do
        {
            name = $"{title}_{next++}";
        }
        while (!nodeNames.Add(name));
        return name;
    }

    /// <summary>Imports the operator set that nodes added here are written for; what an included model brought for an older one is raised to it.</summary>
    void Import(string domain)
    {
        var version = OperatorSets.Version(domain);
        if (!imports.TryAdd(domain, version) && imports[domain] < version)
        {
            Raise(domain, version);
        }
    }

    string Claim(string name) => names.Add(name) ? name
        : throw new ArgumentException($"Graph '{graph.Name}' has an edge '{name}' already. Inputs, outputs and weights need names of their own.");

    sealed class EndOfScope(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
