using Onnx;

namespace Cclm.Export;

/// <summary>What lies between some edges of a graph and others.</summary>
sealed class Cut
{
    readonly HashSet<string> given;
    readonly HashSet<string> names;

    /// <param name="graph">The graph.</param>
    /// <param name="inputs">The edges where it begins.</param>
    /// <param name="outputs">The edges where it ends.</param>
    /// <exception cref="ArgumentException">There is no such edge, or the ones do not lead to the others.</exception>
    public Cut(GraphProto graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        EnsureThere(graph, inputs, outputs);
        given = inputs.ToHashSet();
        (var nodes, names) = Subgraph.Needed(graph, outputs, given);
        EnsureReached(graph, outputs);
        Nodes = [.. nodes.Select(node => WithoutGiven(node.Clone()))];
        Annotations = [.. graph.QuantizationAnnotation.Where(annotation => names.Contains(annotation.TensorName))];
        names.UnionWith(Annotations.SelectMany(annotation => annotation.QuantParameterTensorNames).Select(parameter => parameter.Value));
    }

    /// <summary>The nodes, in the graph's order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>What is said of the quantization of its edges.</summary>
    public IReadOnlyList<TensorAnnotation> Annotations { get; }

    /// <summary>Whether an edge or weight is read in it and not given to it.</summary>
    public bool Needs(string name) => names.Contains(name) && !given.Contains(name);

    /// <summary>A node with several outputs may make an edge that is given: under another name.</summary>
    NodeProto WithoutGiven(NodeProto node)
    {
        for (var i = 0; i < node.Output.Count; i++)
        {
            if (given.Contains(node.Output[i]))
            {
                node.Output[i] = $"{node.Output[i]}.not_read";
            }
        }
        return node;
    }

    static void EnsureThere(GraphProto graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        if (outputs.Count == 0)
        {
            throw new ArgumentException("No output was named; expected one edge or more that the extracted model is to write.", nameof(outputs));
        }
        var known = graph.Defines().Where(name => name.Length > 0).ToHashSet();
        foreach (var edge in inputs.Concat(outputs).Where(edge => !known.Contains(edge)))
        {
            throw new ArgumentException($"The model has no edge '{edge}'.{Suggestion.Nearest(edge, known)} Edges are its inputs, its initializers and the outputs of its nodes; " +
                "those inside of If, Loop and Scan can not be cut.");
        }
        foreach (var edge in inputs.Concat(outputs).CountBy(edge => edge).Where(edge => edge.Value > 1))
        {
            throw new ArgumentException($"Edge '{edge.Key}' is named {edge.Value} times; expected each edge once, as an input or as an output.");
        }
    }

    void EnsureReached(GraphProto graph, IReadOnlyList<string> outputs)
    {
        var defaults = graph.Initializer.Select(tensor => tensor.Name).Concat(graph.SparseInitializer.Select(sparse => sparse.Values.Name)).ToHashSet();
        foreach (var input in graph.Input.Select(input => input.Name).Where(input => Needs(input) && !defaults.Contains(input)))
        {
            throw new ArgumentException($"{(outputs.Count == 1 ? $"Output '{outputs[0]}' needs" : $"The outputs {string.Join(", ", outputs.Select(output => $"'{output}'"))} need")} " +
                $"the model's input '{input}', which none of the given inputs stands in for. Give it as an input, or give edges that cut it off.");
        }
        foreach (var input in given.Where(input => !names.Contains(input)))
        {
            throw new ArgumentException($"Nothing that the outputs are made of reads input '{input}'. Leave it out, or name the output that reads it.");
        }
    }
}
