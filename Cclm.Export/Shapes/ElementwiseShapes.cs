namespace Cclm.Export;

/// <summary>Shapes of operators that compute element by element.</summary>
static class ElementwiseShapes
{
    /// <summary>The shape of the first input.</summary>
    public static Dim[]? Same(TypedNode node) => node.Shape(0);

    /// <summary>All inputs as one shape (the standard's docs/Broadcasting.md).</summary>
    public static Dim[]? Broadcast(TypedNode node)
    {
        Dim[]? all = [];
        for (var i = 0; i < node.Count && all is not null; i++)
        {
            all = Broadcast(node, all, node.Shape(i));
        }
        return all;
    }

    /// <summary>Two shapes as one: last dimensions meet, and one that is 1 or not there becomes the other.</summary>
    public static Dim[]? Broadcast(TypedNode node, Dim[]? a, Dim[]? b)
    {
        if (a is null || b is null)
        {
            return null;
        }
        var rank = Math.Max(a.Length, b.Length);
        Dim At(Dim[] shape, int i) => i < rank - shape.Length ? 1 : shape[i - rank + shape.Length];
        return [.. Enumerable.Range(0, rank).Select(i => Meet(node, At(a, i), At(b, i)))];
    }

    /// <summary>The tensor in 8 bits, and its scale and zero point.</summary>
    public static IReadOnlyList<Dim[]?> Quantized(TypedNode node) => [node.Shape(0), [], []];

    static Dim Meet(TypedNode node, Dim a, Dim b) => (a.Number, b.Number) switch
    {
        (1, _) => b,
        (_, 1) => a,
        (null, null) => a == b ? a : default,
        ({ }, { }) => node.Same(a, b),
        ({ }, null) => a,       // the other is 1 or the same
        (null, { }) => b,
    };
}
