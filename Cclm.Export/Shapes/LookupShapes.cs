namespace Cclm.Export;

/// <summary>Shapes of operators that look elements up.</summary>
static class LookupShapes
{
    /// <summary>The indices in the place of the axis.</summary>
    public static Dim[]? Gather(TypedNode node)
    {
        if (node.Shape(0) is not { } data || node.Shape(1) is not { } indices)
        {
            return null;
        }
        var axis = node.Axis(node.Node.Number("axis"), data.Length);
        return [.. data[..axis], .. indices, .. data[(axis + 1)..]];
    }

    /// <summary>Indices [b..,i..,n], data [b..,n dimensions,d..] -> [b..,i..,d..].</summary>
    public static Dim[]? GatherND(TypedNode node)
    {
        if (node.Shape(0) is not { } data || node.Shape(1) is not [.. var indices, { Number: { } depth }])
        {
            return null;
        }
        var batch = node.Node.Number("batch_dims");
        if (batch < 0 || batch > indices.Length || depth > data.Length - batch)
        {
            throw node.Refuse($"indices of {depth} after {batch} batch dimensions found, expected as many dimensions in the data");
        }
        return [.. indices.Select((dim, i) => i < batch ? node.Same(dim, data[i]) : dim), .. data[(int)(batch + depth)..]];
    }

    /// <summary>Texts [..] -> [..,N], N the most tokens of any text.</summary>
    public static Dim[]? Tokenize(TypedNode node) => node.Shape(0) is { } texts ? [.. texts, default] : null;
}
