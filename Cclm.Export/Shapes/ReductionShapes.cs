namespace Cclm.Export;

/// <summary>Shapes of operators that make one element of many.</summary>
static class ReductionShapes
{
    /// <summary>Reduce*: each of the axes, or all where none is said, becomes 1 or is dropped.</summary>
    public static Dim[]? Reduce(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return null;
        }
        var keeps = node.Node.Number("keepdims", 1) != 0;
        return node.Axes(1) switch
        {
            null => keeps ? new Dim[shape.Length] : null,
            [] when node.Node.Number("noop_with_empty_axes") != 0 => shape,
            [] => Without(shape, _ => true, keeps),
            var axes => axes.Select(axis => node.Axis(axis, shape.Length)).ToHashSet() is var dropped ? Without(shape, dropped.Contains, keeps) : null,
        };
    }

    /// <summary>ArgMax, ArgMin: one axis becomes 1 or is dropped.</summary>
    public static Dim[]? Arg(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return null;
        }
        var axis = node.Axis(node.Node.Number("axis"), shape.Length);
        return Without(shape, i => i == axis, node.Node.Number("keepdims", 1) != 0);
    }

    /// <summary>[N,C,..] -> [N,C,1,..].</summary>
    public static Dim[]? Global(TypedNode node) => node.Shape(0) is { } shape ? Without(shape, i => i > 1, keeps: true) : null;

    /// <summary>TopK: the axis has k elements, in values and indices.</summary>
    public static IReadOnlyList<Dim[]?> Top(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return [];
        }
        var top = (Dim[])shape.Clone();
        top[node.Axis(node.Node.Number("axis", -1), shape.Length)] = node[1].Values is [var k] ? k : default;
        return [top, top];
    }

    static Dim[] Without(Dim[] shape, Func<int, bool> dropped, bool keeps) =>
        keeps ? [.. shape.Select((dim, i) => dropped(i) ? 1 : dim)] : [.. shape.Where((_, i) => !dropped(i))];
}
