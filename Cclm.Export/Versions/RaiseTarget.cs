using Onnx;

namespace Cclm.Export;

/// <summary>The version of an operator set that a model is raised to.</summary>
/// <param name="Part">What to call the model in an error.</param>
/// <param name="Domain">The operator set, by its one name.</param>
/// <param name="Version">The version.</param>
sealed record RaiseTarget(string Part, string Domain, long Version)
{
    /// <exception cref="OnnxModelException">The table does not know both versions.</exception>
    public void EnsureKnown(long from)
    {
        if (OperatorHistory.Newest(Domain) is not { } newest)
        {
            throw new OnnxModelException($"{Part}: operator set {OperatorSets.Name(Domain)} {from} can not be raised to {Version}; only ai.onnx and ai.onnx.ml can. " +
                "Export all parts for one version of it.");
        }
        if (from < 1 || Version > newest)
        {
            throw new OnnxModelException($"{Part}: operator set {OperatorSets.Name(Domain)} {from} can not be raised to {Version}; versions 1 to {newest} are known. " +
                $"Export the parts for {newest} or older.");
        }
    }

    /// <exception cref="OnnxModelException">The operator set of that version has no operator of the node's name.</exception>
    public void EnsureExists(NodeProto node, long from)
    {
        if (Versions(node) is not [var first, ..] || first.Since > from)
        {
            throw Refuse(node, from, "that version has no such operator; correct the version that the model imports");
        }
    }

    /// <summary>The next version up to this one that changed an operator, after the version that its node is written for.</summary>
    public long? NextChange(NodeProto node, long from) =>
        Versions(node).FirstOrDefault(version => version.Changed && version.Since > from && version.Since <= Version) is { Since: > 0 } change ? change.Since : null;

    /// <summary>The error for a node that can not be raised.</summary>
    public OnnxModelException Refuse(NodeProto node, long from, string reason) =>
        new($"{Part}: node '{node.Name}' ({node.OpType}) can not be raised from {OperatorSets.Name(Domain)} {from} to {Version}: {reason}, or export the part for {Version}.");

    OperatorVersion[] Versions(NodeProto node) => OperatorHistory.Operators.GetValueOrDefault((Domain, node.OpType), []);
}
