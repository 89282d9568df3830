namespace Cclm.Export;

/// <content>Attributes that became inputs.</content>
static partial class OperatorRewrites
{
    static void ShapeToInput(NodeRewrite node)
    {
        WithoutConsumedInputs(node);
        AxesToInput(node, "shape");
    }

    /// <summary>Numbers of one attribute, as the second input; none where the attribute was left out or empty, which both mean the default.</summary>
    static void AxesToInput(NodeRewrite node, string attribute)
    {
        if (node.Take(attribute)?.Ints is { Count: > 0 } numbers)
        {
            node.SetInput(1, node.Constant(numbers.ToArray()));
        }
    }

    static void SliceToInputs(NodeRewrite node)
    {
        foreach (var (index, name) in (ReadOnlySpan<(int, string)>)[(1, "starts"), (2, "ends"), (3, "axes")])
        {
            if (node.Take(name) is { } numbers)
            {
                node.SetInput(index, node.Constant(numbers.Ints.ToArray()));
            }
        }
    }

    static void BoundsToInputs(NodeRewrite node)
    {
        foreach (var (index, name) in (ReadOnlySpan<(int, string)>)[(1, "min"), (2, "max")])
        {
            if (node.Take(name) is { } bound)
            {
                node.SetInput(index, node.ScalarLike(bound.F, node.Input(0)));
            }
        }
    }

    static void PadsToInputs(NodeRewrite node)
    {
        node.SetInput(1, node.Constant(node.Take("pads")?.Ints.ToArray() ?? []));
        if (node.Take("value") is { F: not 0 } value)
        {
            node.SetInput(2, node.ScalarLike(value.F, node.Input(0)));
        }
    }
}
