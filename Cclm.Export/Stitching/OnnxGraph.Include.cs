using Onnx;

namespace Cclm.Export;

public sealed partial class OnnxGraph
{
    readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> functions = [];
    readonly EqualWeights equalWeights = new();

    /// <summary>Whether weights and constants of the models that are included are stored once where they are equal to the bit.</summary>
    /// <remarks>Then a runtime sees where two models compute the same, and computes it once. The first model's name stays.</remarks>
    public bool SharesEqualWeights { get; init; }

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
    /// <exception cref="OnnxModelException">The part is unsound, a type does not fit, an input is not fed, functions contradict each other, or the part and
    /// the graph are of different operator sets and the older can not be raised (<see cref="VersionConversion"/>).</exception>
    /// <exception cref="ArgumentException">The part has no input of such a name, or its names are taken.</exception>
    public IReadOnlyDictionary<string, Edge> Include(string part, ModelProto model, params ReadOnlySpan<(string Input, Edge Value)> inputs)
    {
        var prefix = part.Length == 0 ? "" : $"{part}.";
        ModelCheck.EnsureStructure(model, $"part '{part}'");
        var joints = new Joints(part, model.Graph);
        foreach (var (input, edge) in inputs)
        {
            joints.Feed(input, edge, types.GetValueOrDefault(edge.Name));
        }
        joints.EnsureAllFed();
        model = Import(part, model);

        var body = model.Graph.Clone();
        foreach (var replaced in body.Initializer.Where(tensor => joints.Edges.ContainsKey(tensor.Name)).ToArray())
        {
            body.Initializer.Remove(replaced);      // the default of an input that is fed
        }
        var outputs = body.Output.Select(output => output.Name).ToArray();
        Dictionary<string, string> here = SharesEqualWeights ? equalWeights.Share(body, prefix) : [];
        Renaming.Into(prefix, joints.Edges.Concat(here).ToDictionary(), joints.Symbols).Apply(body);
        foreach (var tensor in body.Initializer)
        {
            initializers.Add(Claim(tensor.Name), tensor);
        }
        foreach (var name in body.SparseInitializer.Select(tensor => tensor.Values.Name).Concat(body.Node.SelectMany(node => node.Output)))
        {
            _ = name.Length > 0 ? Claim(name) : name;       // an output left out has no name
        }
        nodeNames.UnionWith(body.Node.Select(node => node.Name));
        graph.Initializer.Add(body.Initializer);
        graph.SparseInitializer.Add(body.SparseInitializer);
        graph.Node.Add(body.Node);
        graph.ValueInfo.Add(body.ValueInfo);
        graph.QuantizationAnnotation.Add(body.QuantizationAnnotation);
        foreach (var output in body.Output)
        {
            types[output.Name] = output.Type;
        }
        return new NamedEdges($"Part '{part}'", outputs.Zip(body.Output, (inPart, here) => KeyValuePair.Create(inPart, new Edge(here.Name))));
    }

    /// <summary>Imports a part's operator sets and functions. Where its version is not the graph's, the older of the two is raised.</summary>
    /// <returns>The part as it can be included.</returns>
    ModelProto Import(string part, ModelProto model)
    {
        foreach (var import in model.OpsetImport)
        {
            var domain = OperatorSets.Canonical(import.Domain);
            if (imports.TryAdd(domain, import.Version) || imports[domain] == import.Version)
            {
                continue;
            }
            if (imports[domain] < import.Version)
            {
                Raise(domain, import.Version);
            }
            else
            {
                model = VersionConversion.Raise(model, domain, imports[domain], $"part '{part}'");
            }
        }
        irVersion = Math.Max(irVersion, model.IrVersion);
        var taken = model.Functions.Where(function => functions.ContainsKey(Key(function))).ToArray();
        if (taken.Any(function => !functions[Key(function)].Equals(function)))      // then those that are equal may call one that is not
        {
            model = new FunctionNames(taken.Select(Key).Distinct().ToDictionary(key => key, key => FreeName(key, part))).Apply(model);
        }
        foreach (var function in model.Functions)
        {
            functions.TryAdd(Key(function), function);
        }
        return model;
    }

    static (string Domain, string Name, string Overload) Key(FunctionProto function) => (function.Domain, function.Name, function.Overload);

    /// <summary>A name for a function of a part, where another part has one of its name that does something else.</summary>
    string FreeName((string Domain, string Name, string Overload) key, string part)
    {
        var name = $"{key.Name}_{part.Replace('.', '_')}";
        while (functions.ContainsKey(key with { Name = name }))
        {
            name += "_";
        }
        return name;
    }

    /// <summary>Raises what is in the graph already; edges keep their names, and a graph that can not be raised stays as it is.</summary>
    void Raise(string domain, long version)
    {
        var raised = graph.Clone();
        var raisedFunctions = functions.ToDictionary(function => function.Key, function => function.Value.Clone());
        VersionConversion.Raise(raised, raisedFunctions.Values, new($"graph '{graph.Name}'", domain, version), imports[domain], types.Keys);
        graph = raised;
        foreach (var (key, function) in raisedFunctions)
        {
            functions[key] = function;
        }
        names.UnionWith(graph.Node.SelectMany(node => node.Output));
        imports[domain] = version;
        irVersion = Math.Max(irVersion, domain.Length == 0 ? VersionConversion.IrVersion(version) : irVersion);
    }
}
