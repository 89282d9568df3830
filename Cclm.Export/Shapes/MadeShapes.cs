namespace Cclm.Export;

/// <summary>Shapes of operators that make elements: constants, ranges, repetitions.</summary>
static class MadeShapes
{
    /// <summary>A tensor, a number or a text, or a vector of these; sparse tensors are not followed.</summary>
    public static IReadOnlyList<Dim[]?> Constant(TypedNode node) => node.Node.Attribute switch
    {
        [{ Name: "value", T: { } tensor }] => [EdgeType.Of(tensor).Shape],
        [{ Name: "value_int" or "value_float" or "value_string" }] => [[]],
        [{ Name: "value_ints", Ints.Count: var count }] => [[count]],
        [{ Name: "value_floats", Floats.Count: var count }] => [[count]],
        [{ Name: "value_strings", Strings.Count: var count }] => [[count]],
        _ => [],
    };

    /// <summary>[rank], or as many as are asked for.</summary>
    public static Dim[]? Shape(TypedNode node) => KnownValues.Shape(node) is { } dims ? [dims.Length] : [default];

    /// <summary>The input and the shape that is the second input, broadcast.</summary>
    public static Dim[]? Expand(TypedNode node) => ElementwiseShapes.Broadcast(node, node.Shape(0), node.ShapeIn(1));

    /// <summary>Start, limit, step -> [ceil((limit - start) / step)], and none below 0.</summary>
    public static Dim[]? Range(TypedNode node)
    {
        if (node[0].Values is not [var start] || node[1].Values is not [var limit] || node[2].Values is not [{ Number: { } step }])
        {
            return [default];
        }
        var extent = limit - start;
        return extent.Number is { } length && step != 0 ? [(long)Int128.Max(((Int128)length + step - Math.Sign(step)) / step, 0)]
            : step == 1 && extent.IsNatural ? [extent] : [default];
    }
}
