using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <content>The nodes that a rewrite puts around the node.</content>
sealed partial class NodeRewrite
{
    /// <summary>Adds a node with one output.</summary>
    /// <returns>The output's name.</returns>
    public string Add(string opType, IEnumerable<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var output = NewName(opType);
        nodes.Add((Make(output, output, opType, inputs, attributes), change));
        return output;
    }

    /// <summary>Adds a node whose output has a name already.</summary>
    public void AddAs(string output, string opType, IEnumerable<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        nodes.Add((Make(NewName(opType), output, opType, inputs, attributes), change));

    /// <summary>Adds a vector of integers.</summary>
    public string Constant(params ReadOnlySpan<long> values) => Constant(OnnxValues.Tensor("", DataType.Int64, MemoryMarshal.AsBytes(values), values.Length));

    /// <summary>Adds a vector of floats.</summary>
    public string Constant(params ReadOnlySpan<float> values) => Constant(OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes(values), values.Length));

    /// <summary>Adds an integer of rank 0.</summary>
    public string Scalar(long value) => Constant(OnnxValues.Tensor("", DataType.Int64, MemoryMarshal.AsBytes<long>([value])));

    /// <summary>Adds a number of rank 0, of the element type of another value.</summary>
    public string ScalarLike(float value, string like)
    {
        var scalar = Constant(OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes<float>([value])));
        return scope.Types[like]?.Type switch
        {
            DataType.Float => scalar,
            { } type => Add("Cast", [scalar], ("to", type)),
            null when TargetVersion >= 15 => CastLike(scalar, like),
            null => throw Refuse($"the element type of '{like}' is not declared; run shape inference on the model first"),
        };
    }

    /// <summary>A name that no value and no node has.</summary>
    public string NewName(string opType)
    {
        var stem = $"{Node.Output.FirstOrDefault(output => output.Length > 0) ?? Node.Name}/{opType}";
        var name = stem;
        for (var i = 1; !scope.Names.Add(name); i++)
        {
            name = $"{stem}_{i}";
        }
        return name;
    }

    /// <summary>CastLike is newer than the changes that need it.</summary>
    string CastLike(string value, string like)
    {
        var output = NewName("CastLike");
        nodes.Add((Make(output, output, "CastLike", [value, like]), TargetVersion));
        return output;
    }

    static NodeProto Make(string name, string output, string opType, IEnumerable<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = opType, Name = name, Output = { output } };
        node.Input.AddRange(inputs);
        foreach (var (key, value) in attributes)
        {
            node.Attribute.Add(OnnxValues.Attribute(key, value));
        }
        return node;
    }

    string Constant(TensorProto value)
    {
        var name = Add("Constant", [], ("value", value));
        scope.Types.Add(name, value);
        return name;
    }
}
