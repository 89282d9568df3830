using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The elements of scalars and short vectors of integers that shapes are computed with, as far as they follow from shapes and constants.</summary>
static class KnownValues
{
    /// <summary>The elements that a node makes; null where they are not known.</summary>
    /// <param name="node">The node.</param>
    /// <param name="type">The type and shape of what it makes.</param>
    public static Dim[]? Of(TypedNode node, EdgeType type)
    {
        if (type.Element is not (DataType.Int64 or DataType.Int32) || type.Shape is not ([] or [_]) || Computed(node) is not { } values)
        {
            return null;
        }
        return values.Length == (type.Shape is [var length] ? length.Number : 1) && values.Length <= EdgeType.Most
            ? type.Element == DataType.Int64 ? values : [.. values.Select(value => value.Constant is >= int.MinValue and <= int.MaxValue ? value : default)] : null;
    }

    /// <summary>The dimensions that <c>Shape</c> gives: all of them, or those from its start to its end.</summary>
    public static Dim[]? Shape(TypedNode node) =>
        node.Shape(0) is { } shape ? SliceShapes.Take(shape, node.Node.Number("start"), node.Node.Number("end", shape.Length), 1) : null;

    static Dim[]? Computed(TypedNode node) => node.Node.OpType switch
    {
        "Constant" => Constant(node.Node.Attribute[0]),
        "Cast" or "Identity" or "Reshape" or "Squeeze" or "Unsqueeze" => node[0].Values,
        "Shape" => Shape(node),
        "Add" => Pairs(node, (a, b) => a + b),
        "Sub" => Pairs(node, (a, b) => a - b),
        "Mul" => Pairs(node, (a, b) => a * b),
        "Div" => Pairs(node, (a, b) => a / b),
        "Concat" => Enumerable.Range(0, node.Count).All(i => node[i].Values is not null) ? [.. Enumerable.Range(0, node.Count).SelectMany(i => node[i].Values!)] : null,
        "Gather" => node[0].Values is { } vector && node.Numbers(1) is { } indices ? [.. indices.Select(index => vector[node.Axis(index, vector.Length)])] : null,
        "Slice" => Slice(node),
        _ => null,
    };

    static Dim[]? Constant(AttributeProto attribute) => attribute.Name switch
    {
        "value" => EdgeType.Of(attribute.T).Values,
        "value_int" => [attribute.I],
        _ => [.. attribute.Ints.Select(value => (Dim)value)],
    };

    static Dim[]? Pairs(TypedNode node, Func<Dim, Dim, Dim> compute)
    {
        if (node[0].Values is not { } a || node[1].Values is not { } b || (a.Length != b.Length && a.Length != 1 && b.Length != 1))
        {
            return null;
        }
        Dim At(Dim[] values, int i) => values[values.Length == 1 ? 0 : i];
        return [.. Enumerable.Range(0, a.Length == 1 ? b.Length : a.Length).Select(i => compute(At(a, i), At(b, i)))];
    }

    static Dim[]? Slice(TypedNode node) => (node[0].Values, node.Numbers(1), node.Numbers(2), node.Numbers(4)) switch
    {
        ({ } vector, [var start], [var end], []) => SliceShapes.Take(vector, start, end, 1),
        ({ } vector, [var start], [var end], [var step]) => SliceShapes.Take(vector, start, end, step),
        _ => null,
    };
}
