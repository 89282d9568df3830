using Onnx;

namespace Cclm.Export;

/// <summary>Rewrites models for newer versions of the operator sets that they use, so that parts of different versions can be stitched.</summary>
/// <remarks>
/// A raised model computes what it computed before, bit for bit in ONNX Runtime. A node whose operator means the same in both versions is kept;
/// one whose form changed is rewritten; anything else is refused. docs/versions.md lists every operator.
/// </remarks>
public static class VersionConversion
{
    /// <summary>Raises one operator set of a model, and its IR version to the one that was published with it.</summary>
    /// <param name="model">The model; it is not changed. Weights keep their names and content: what a rewrite adds are nodes.</param>
    /// <param name="domain">The operator set: empty (or <c>ai.onnx</c>) for the standard's own, or <c>ai.onnx.ml</c>.</param>
    /// <param name="version">The version that the result imports. A model that is there already, or does not import the operator set, is returned as it is.</param>
    /// <param name="part">What to call the model in an error.</param>
    /// <exception cref="OnnxModelException">The model is unsound, the version is not known here, or a node has no equivalent in it: the message names
    /// part, node, operator and versions, and says what to do.</exception>
    public static ModelProto Raise(ModelProto model, string domain, long version, string part = "model")
    {
        domain = OperatorSets.Canonical(domain);
        ModelCheck.EnsureStructure(model, part);
        if (model.OpsetImport.FirstOrDefault(import => OperatorSets.Canonical(import.Domain) == domain) is not { } import || import.Version >= version)
        {
            return model;
        }
        var raised = model.Clone();
        Raise(raised.Graph, raised.Functions, new(part, domain, version), import.Version);
        raised.OpsetImport.First(import => OperatorSets.Canonical(import.Domain) == domain).Version = version;
        RaiseIr(raised, domain, version);
        return raised;
    }

    /// <summary>Raises a graph, and functions that it calls, in place.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="functions">The functions.</param>
    /// <param name="target">What to raise them to.</param>
    /// <param name="from">The version that the graph is written for; each function says its own.</param>
    /// <param name="read">Values that stay, though nothing in the graph reads them.</param>
    internal static void Raise(GraphProto graph, IReadOnlyCollection<FunctionProto> functions, RaiseTarget target, long from, params IEnumerable<string> read)
    {
        target.EnsureKnown(from);
        var own = functions.Where(function => OperatorSets.Canonical(function.Domain) == target.Domain).Select(function => function.Name).ToHashSet();
        foreach (var function in functions)
        {
            if (function.OpsetImport.FirstOrDefault(import => OperatorSets.Canonical(import.Domain) == target.Domain) is { } import && import.Version < target.Version)
            {
                new GraphRaise(target, own, []).Apply(function, import.Version);
                import.Version = target.Version;
            }
        }
        new GraphRaise(target, own, read).Apply(graph, from);
    }

    /// <summary>The IR version that the standard published with a version of its own operator set (docs/Versioning.md there).</summary>
    internal static long IrVersion(long opset) => opset switch
    {
        >= 25 => 13,
        24 => 12,
        23 => 11,
        >= 21 => 10,
        >= 19 => 9,
        >= 15 => 8,
        >= 12 => 7,
        11 => 6,
        10 => 5,
        9 => 4,
        _ => 3,
    };

    /// <summary>Up to IR 3 every initializer is an input as well, and a constant all the same; from IR 4 on such an input could be fed.</summary>
    static void RaiseIr(ModelProto model, string domain, long version)
    {
        var ir = domain.Length == 0 ? Math.Max(model.IrVersion, IrVersion(version)) : model.IrVersion;
        if (model.IrVersion < 4 && ir >= 4)
        {
            var weights = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
            foreach (var input in model.Graph.Input.Where(input => weights.Contains(input.Name)).ToArray())
            {
                model.Graph.Input.Remove(input);
            }
        }
        model.IrVersion = ir;
    }
}
