using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>One node on its way to the version that changed its operator: the node itself, which a rewrite changes, and the nodes around it.</summary>
sealed partial class NodeRewrite
{
    readonly List<(NodeProto Node, long Version)> nodes = [];
    readonly long from, change;
    readonly RaisedScope scope;
    bool isKept;

    NodeRewrite(NodeProto node, long from, long change, RaisedScope scope) => (Node, this.from, this.change, this.scope) = (node, from, change, scope);

    /// <summary>The node, for the rewrite to change.</summary>
    public NodeProto Node { get; }

    /// <summary>What the node reads at a place.</summary>
    /// <exception cref="OnnxModelException">It has no input there.</exception>
    public string Input(int index) => Node.Input.ElementAtOrDefault(index) ?? throw Refuse($"it has {Node.Input.Count} inputs and needs {index + 1}; correct it");

    /// <summary>The version that the model will have, from which operators that the change itself does not know yet may be used.</summary>
    public long TargetVersion => scope.Target.Version;

    /// <summary>The nodes that stand for a node from the version on that changed its operator, each with the version that it is written for.</summary>
    /// <exception cref="OnnxModelException">There is no rewrite, or the node is one that it can not express.</exception>
    public static IReadOnlyList<(NodeProto Node, long Version)> Apply(NodeProto node, long from, long change, RaisedScope scope)
    {
        if (!OperatorRewrites.All.TryGetValue((scope.Target.Domain, node.OpType, change), out var rewrite))
        {
            throw scope.Target.Refuse(node, from, $"version {change} changed it, and there is no rewrite; replace the node");
        }
        var rewriting = new NodeRewrite(node, from, change, scope);
        rewrite(rewriting);
        if (!rewriting.isKept)
        {
            rewriting.Keep();
        }
        return rewriting.nodes;
    }

    /// <summary>Puts the node after what was added so far; what is added later follows it. A rewrite that adds nothing later need not call it.</summary>
    public void Keep()
    {
        nodes.Add((Node, change));
        isKept = true;
    }

    /// <summary>Takes an attribute off the node.</summary>
    /// <returns>Null where the node has none of that name.</returns>
    public AttributeProto? Take(string name)
    {
        if (Node.Attribute.FirstOrDefault(attribute => attribute.Name == name) is not { } attribute)
        {
            return null;
        }
        if (attribute.RefAttrName.Length > 0)
        {
            throw Refuse($"its '{name}' is the attribute '{attribute.RefAttrName}' of the function around it; write the value into the node");
        }
        Node.Attribute.Remove(attribute);
        return attribute;
    }

    /// <summary>Takes an integer off the node.</summary>
    public long TakeInt(string name, long absent) => Take(name) is { } attribute ? attribute.I : absent;

    /// <summary>Gives the node an attribute in the place of one that it may have.</summary>
    public void Set(string name, object value)
    {
        Take(name);
        Node.Attribute.Add(OnnxValues.Attribute(name, value));
    }

    /// <summary>Gives the node an attribute that it left to an earlier default.</summary>
    public void SetDefault(string name, object value)
    {
        if (Node.Attribute.All(attribute => attribute.Name != name))
        {
            Set(name, value);
        }
    }

    /// <summary>Gives the node an input at a place; inputs before it that it does not have are left out.</summary>
    public void SetInput(int index, string name)
    {
        while (Node.Input.Count <= index)
        {
            Node.Input.Add("");
        }
        Node.Input[index] = name;
    }

    /// <summary>Takes outputs after the first off the node where nothing reads them.</summary>
    /// <returns>Whether the first is the only one now.</returns>
    public bool KeepOneOutput()
    {
        while (Node.Output.Count > 1 && !scope.Read.Contains(Node.Output[^1]))
        {
            Node.Output.RemoveAt(Node.Output.Count - 1);
        }
        return Node.Output.Count <= 1;
    }

    /// <summary>The declared rank of an input; null where the model does not say.</summary>
    public int? Rank(int input) => scope.Types[Input(input)]?.Rank;

    /// <summary>The numbers of an input that is a constant of the model; null where it is computed or fed.</summary>
    public float[]? KnownFloats(int input) => scope.Types.Constant(Input(input)) is { DataType: (int)DataType.Float } tensor
        ? MemoryMarshal.Cast<byte, float>(TensorData.Bytes(tensor).Span).ToArray() : null;

    /// <summary>The declared element type of an input; null where the model does not say.</summary>
    public DataType? KnownType(int input) => scope.Types[Input(input)]?.Type;

    /// <summary>The declared element type of an input.</summary>
    /// <exception cref="OnnxModelException">The model does not say.</exception>
    public DataType ElementType(int input) => KnownType(input)
        ?? throw Refuse($"the element type of '{Input(input)}' is not declared; run shape inference on the model first");

    /// <summary>The error for a node that can not be rewritten.</summary>
    public OnnxModelException Refuse(string reason) => scope.Target.Refuse(Node, from, reason);
}
