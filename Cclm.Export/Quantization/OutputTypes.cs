using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The element types that operators give their outputs, by the standard's type constraints; shapes are not followed.</summary>
/// <param name="functions">The model's local functions.</param>
sealed class OutputTypes(IReadOnlyCollection<FunctionProto> functions)
{
    /// <summary>The types of a node's outputs.</summary>
    /// <param name="node">The node.</param>
    /// <param name="typeOf">The types of what it reads; Undefined for what is no tensor.</param>
    public DataType[] Of(NodeProto node, Func<string, DataType> typeOf)
    {
        DataType Input(int index) => node.Input.ElementAtOrDefault(index) is { Length: > 0 } name ? typeOf(name) : DataType.Undefined;
        if (functions.FirstOrDefault(function => function.Name == node.OpType && OperatorSets.Canonical(function.Domain) == OperatorSets.Canonical(node.Domain)) is { } called)
        {
            return Of(called, node, Input);
        }
        var first = node.OpType switch
        {
            "And" or "Or" or "Xor" or "Not" or "Equal" or "Greater" or "Less" or "GreaterOrEqual" or "LessOrEqual" or "IsNaN" or "IsInf" => DataType.Bool,
            "Shape" or "Size" or "ArgMax" or "ArgMin" or "NonZero" or "NonMaxSuppression" => DataType.Int64,
            "MatMulInteger" or "ConvInteger" => DataType.Int32,
            "Cast" => (DataType)node.Number("to"),
            "Constant" or "ConstantOfShape" or "LabelEncoder" => OfAttributes(node),
            "RandomNormal" or "RandomUniform" => (DataType)node.Number("dtype", (long)DataType.Float),
            "EyeLike" or "RandomNormalLike" or "RandomUniformLike" or "Bernoulli" => (DataType)node.Number("dtype", (long)Input(0)),
            "QuantizeLinear" => Input(2) is var zero && zero != DataType.Undefined ? zero : (DataType)node.Number("output_dtype", (long)DataType.Uint8),
            "DynamicQuantizeLinear" => DataType.Uint8,
            "DequantizeLinear" when node.Number("output_dtype") is > 0 and var to => (DataType)to,
            "DequantizeLinear" or "Where" or "CastLike" => Input(1),
            "OneHot" => Input(2),
            _ => Input(0),
        };
        return node.OpType switch
        {
            "If" => OfBody(node, skip: 0),
            "Loop" => OfBody(node, skip: 1),
            "Scan" => OfBody(node, skip: 0),
            "TopK" or "MaxPool" or "Unique" => Then(DataType.Int64),
            "Dropout" => Then(DataType.Bool),
            "DynamicQuantizeLinear" => [DataType.Uint8, DataType.Float, DataType.Uint8],
            _ => Then(first),
        };

        DataType[] Then(DataType others) => [.. node.Output.Select((_, i) => i == 0 ? first : others)];
    }

    /// <summary>What a body says of its outputs; those of a Loop come after the condition.</summary>
    static DataType[] OfBody(NodeProto node, int skip) =>
        [.. node.NestedGraphs().First().Output.Skip(skip).Select(output => (DataType)(output.Type?.TensorType?.ElemType ?? 0))];

    static DataType OfAttributes(NodeProto node) => node.Attribute
        .Select(attribute => attribute.Name switch
        {
            "value" or "values_tensor" => (DataType)(attribute.T?.DataType ?? 0),
            "value_float" or "value_floats" or "values_floats" => DataType.Float,
            "value_int" or "value_ints" or "values_int64s" => DataType.Int64,
            "value_string" or "value_strings" or "values_strings" => DataType.String,
            _ => DataType.Undefined,
        })
        .FirstOrDefault(type => type != DataType.Undefined, DataType.Float);

    DataType[] Of(FunctionProto function, NodeProto call, Func<int, DataType> input)
    {
        var types = function.Input.Select((name, i) => (name, input(i))).ToDictionary();
        foreach (var node in function.Node)
        {
            foreach (var (name, type) in node.Output.Zip(Of(node, name => types.GetValueOrDefault(name))))
            {
                types[name] = type;
            }
        }
        return [.. function.Output.Take(call.Output.Count).Select(name => types.GetValueOrDefault(name))];
    }
}
