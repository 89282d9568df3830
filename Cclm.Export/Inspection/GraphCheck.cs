using Onnx;

namespace Cclm.Export;

/// <summary>The rules of one graph and of the graphs nested in it.</summary>
static class GraphCheck
{
    /// <param name="graph">The graph.</param>
    /// <param name="known">Names that it can read from around it; the same when it returns.</param>
    /// <param name="withWeights">Whether to read the data of its initializers.</param>
    /// <param name="problems">Receives a sentence for each broken rule.</param>
    public static void Check(GraphProto graph, HashSet<string> known, bool withWeights, List<string> problems)
    {
        var names = new ScopedNames(known, problems);
        var inputs = graph.Input.Select(input => input.Name).ToHashSet();      // an input's default is an initializer of its name
        names.Define(graph.Input.Select(input => input.Name), "input", mayHide: true);
        names.Define(graph.Initializer.Select(tensor => tensor.Name).Where(name => !inputs.Contains(name)), "initializer", mayHide: true);
        names.Define(graph.SparseInitializer.Select(tensor => tensor.Values?.Name ?? ""), "initializer", mayHide: true);
        if (withWeights)
        {
            problems.AddRange(graph.Initializer.Select(TensorCheck.Problem).OfType<string>());
        }
        CheckNodes(graph.Node, names, known, withWeights, problems);
        CheckOutputs(graph.Output.Select(output => output.Name), known, problems);
        names.Leave();
    }

    /// <inheritdoc cref="Check(GraphProto, HashSet{string}, bool, List{string})"/>
    public static void Check(FunctionProto function, bool withWeights, List<string> problems)
    {
        var known = new HashSet<string>();
        var names = new ScopedNames(known, problems);
        names.Define(function.Input, "input", mayHide: false);
        CheckNodes(function.Node, names, known, withWeights, problems);
        CheckOutputs(function.Output, known, problems);
    }

    static void CheckNodes(IList<NodeProto> nodes, ScopedNames names, HashSet<string> known, bool withWeights, List<string> problems)
    {
        var later = nodes.SelectMany(node => node.Output).ToHashSet();
        foreach (var node in nodes)
        {
            var title = $"node '{node.Name}' ({node.OpType})";
            if (node.OpType.Length == 0)
            {
                problems.Add($"{title} has no operator.");
            }
            foreach (var input in node.Input.Where(input => input.Length > 0 && !known.Contains(input)))
            {
                problems.Add(later.Contains(input)
                    ? $"{title} reads '{input}', which is made only after it or from it; expected an order in which each node follows what it reads."
                    : $"{title} reads '{input}', which no input, initializer or node makes.");
            }
            foreach (var nested in node.NestedGraphs())
            {
                Check(nested, known, withWeights, problems);
            }
            foreach (var attribute in node.Attribute.CountBy(attribute => attribute.Name).Where(attribute => attribute.Value > 1))
            {
                problems.Add($"{title} has {attribute.Value} attributes '{attribute.Key}'; expected one.");
            }
            names.Define(node.Output.Where(output => output.Length > 0), title, mayHide: false);      // a node may leave an output out
        }
    }

    static void CheckOutputs(IEnumerable<string> outputs, HashSet<string> known, List<string> problems) =>
        problems.AddRange(outputs.Where(output => !known.Contains(output)).Select(output => $"output '{output}' is made by no node."));
}
