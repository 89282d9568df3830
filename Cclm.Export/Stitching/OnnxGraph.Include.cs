using Onnx;

namespace Cclm.Export;

public sealed partial class OnnxGraph
{
    readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> functions = [];

    /// <summary>
    /// Puts a whole model into this graph, as if it were one operator: <c>include(f)(inputs) = f(inputs)</c>. Any number of models
    /// can be included, an edge can feed any number of them, and what none of the graph's outputs is made of is left to the runtime to skip.
    /// </summary>
    /// <param name="part">The part's name, which names its edges, nodes and weights here: <c>towers.topic</c> makes <c>towers.topic.up.weight</c>.
    /// An empty name leaves them as they are.</param>
    /// <param name="model">The part; it is not changed. Its weights are shared, not copied. Its metadata is the caller's to merge.</param>
    /// <param name="inputs">The edge that feeds each of the part's inputs.</param>
    /// <returns>The part's outputs by their names in the part.</returns>
    /// <remarks>
    /// Where an edge's type is known (inputs of this graph, outputs of other parts) it is checked against the part's input: element type, rank
    /// and fixed dimensions. The part's symbolic dimensions become those of the edges that feed it; others get the part's name in front.
    /// </remarks>
    /// <exception cref="OnnxModelException">A type does not fit, an input is not fed, or operator sets or functions contradict each other.</exception>
    /// <exception cref="ArgumentException">The part has no input of such a name, or its names are taken.</exception>
    public IReadOnlyDictionary<string, Edge> Include(string part, ModelProto model, params ReadOnlySpan<(string Input, Edge Value)> inputs)
    {
        var prefix = part.Length == 0 ? "" : $"{part}.";
        var joints = new Joints(part, model.Graph);
        foreach (var (input, edge) in inputs)
        {
            joints.Feed(input, edge, types.GetValueOrDefault(edge.Name));
        }
        joints.EnsureAllFed();
        Import(part, model);

        var body = model.Graph.Clone();
        foreach (var replaced in body.Initializer.Where(tensor => joints.Edges.ContainsKey(tensor.Name)).ToArray())
        {
            body.Initializer.Remove(replaced);      // the default of an input that is fed
        }
        var outputs = body.Output.Select(output => output.Name).ToArray();
        new Renaming(prefix, joints.Edges, joints.Symbols).Apply(body);
        foreach (var tensor in body.Initializer)
        {
            initializers.Add(Claim(tensor.Name), tensor);
        }
        foreach (var name in body.SparseInitializer.Select(tensor => tensor.Values.Name).Concat(body.Node.SelectMany(node => node.Output)))
        {
            _ = name.Length > 0 ? Claim(name) : name;       // an output left out has no name
        }
        graph.Initializer.Add(body.Initializer);
        graph.SparseInitializer.Add(body.SparseInitializer);
        graph.Node.Add(body.Node);
        graph.ValueInfo.Add(body.ValueInfo);
        graph.QuantizationAnnotation.Add(body.QuantizationAnnotation);
        foreach (var output in body.Output)
        {
            types[output.Name] = output.Type;
        }
        return outputs.Zip(body.Output, (inPart, here) => (inPart, here.Name)).ToDictionary(pair => pair.inPart, pair => new Edge(pair.Name));
    }

    void Import(string part, ModelProto model)
    {
        irVersion = Math.Max(irVersion, model.IrVersion);
        foreach (var import in model.OpsetImport)
        {
            var domain = OperatorSets.Canonical(import.Domain);
            if (!imports.TryAdd(domain, import.Version) && imports[domain] != import.Version)
            {
                throw new OnnxModelException($"Part '{part}' is of operator set {OperatorSets.Name(domain)} {import.Version}, but graph '{graph.Name}' has " +
                    $"{imports[domain]} from what came before. Export all parts for one version.");
            }
        }
        foreach (var function in model.Functions)
        {
            var key = (function.Domain, function.Name, function.Overload);
            if (!functions.TryAdd(key, function) && !functions[key].Equals(function))
            {
                throw new OnnxModelException($"Part '{part}' brings a function '{function.Domain}.{function.Name}' that differs from the one another part " +
                    "brought under that name. Rename one of them.");
            }
        }
    }
}
