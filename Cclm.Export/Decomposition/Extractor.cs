using Onnx;

namespace Cclm.Export;

/// <summary>Cuts a subgraph out of any model, by the names of its edges.</summary>
/// <remarks>
/// The smallest model that computes the outputs from the inputs: the nodes between them, and the weights, types, quantization annotations,
/// functions and operator sets that these need. What the bodies of If, Loop and Scan read from around them counts as read.
/// </remarks>
public static class Extractor
{
    /// <summary>The subgraph from some edges to others, as a model of its own.</summary>
    /// <param name="model">Any model; it is not changed. Its weights are shared, not copied.</param>
    /// <param name="inputs">Edges that the new model reads: inputs of the model, edges in its midst, or weights. An input of the model that has a default
    /// (an initializer of its name) and is not among them becomes that default.</param>
    /// <param name="outputs">Edges that it writes.</param>
    /// <param name="options">By default no metadata, and the types that the model declares or that follow from it.</param>
    /// <exception cref="ArgumentException">There is no such edge, the outputs need an input that is not given or do not need one that is, or the type
    /// of a cut edge is not known.</exception>
    /// <exception cref="OnnxModelException">The type of a cut edge has to be inferred (<see cref="ShapeInference"/>), and the model contradicts itself.</exception>
    public static ModelProto Extract(ModelProto model, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, ExtractionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        var cut = new Cut(model.Graph, inputs, outputs);
        var types = new EdgeTypes(model, options.Types);
        var graph = new GraphProto { Name = model.Graph.Name };
        graph.Node.Add(cut.Nodes);
        graph.Input.Add(inputs.Select(types.Of));
        graph.Output.Add(outputs.Select(types.Of));
        graph.Initializer.Add(model.Graph.Initializer.Where(tensor => cut.Needs(tensor.Name)).Select(tensor => tensor.Clone()));
        graph.SparseInitializer.Add(model.Graph.SparseInitializer.Where(sparse => cut.Needs(sparse.Values.Name)).Select(sparse => sparse.Clone()));
        graph.ValueInfo.Add(model.Graph.ValueInfo.Where(value => cut.Needs(value.Name) && !outputs.Contains(value.Name)).Select(value => value.Clone()));
        graph.QuantizationAnnotation.Add(cut.Annotations.Select(annotation => annotation.Clone()));
        return ModelOf(graph, model, options);
    }

    static ModelProto ModelOf(GraphProto graph, ModelProto model, ExtractionOptions options)
    {
        var extracted = model.Clone();
        extracted.Graph = graph;
        extracted.TrainingInfo.Clear();
        if (!options.KeepMetadata)
        {
            extracted.MetadataProps.Clear();
        }
        var functions = FunctionsOf(graph, model);
        extracted.Functions.Clear();
        extracted.Functions.Add(functions.Select(function => function.Clone()));
        var nodes = AllNodes(graph.Node.Concat(functions.SelectMany(function => function.Node))).ToArray();
        var domains = nodes.Select(node => OperatorSets.Canonical(node.Domain)).Append("").ToHashSet();      // a model imports the standard's own in any case
        extracted.OpsetImport.Keep(import => domains.Contains(OperatorSets.Canonical(import.Domain)));
        var configurations = nodes.SelectMany(node => node.DeviceConfigurations).Select(configuration => configuration.ConfigurationId).ToHashSet();
        extracted.Configuration.Keep(configuration => configurations.Contains(configuration.Name));
        return extracted;
    }

    /// <summary>The functions that nodes call, and those that these call.</summary>
    static List<FunctionProto> FunctionsOf(GraphProto graph, ModelProto model)
    {
        var needed = new HashSet<FunctionProto>(ReferenceEqualityComparer.Instance);
        var nodes = new Queue<NodeProto>(AllNodes(graph.Node));
        while (nodes.TryDequeue(out var node))
        {
            var called = model.Functions.FirstOrDefault(function => function.Name == node.OpType && function.Overload == node.Overload
                && OperatorSets.Canonical(function.Domain) == OperatorSets.Canonical(node.Domain));
            if (called is not null && needed.Add(called))
            {
                foreach (var inner in AllNodes(called.Node))
                {
                    nodes.Enqueue(inner);
                }
            }
        }
        return [.. model.Functions.Where(needed.Contains)];
    }

    static IEnumerable<NodeProto> AllNodes(IEnumerable<NodeProto> nodes) => nodes.SelectMany(node => node.AndNested());
}
