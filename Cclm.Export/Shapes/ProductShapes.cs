namespace Cclm.Export;

/// <summary>Shapes of products of matrices.</summary>
static class ProductShapes
{
    /// <summary>[..,M,K] [..,K,N] -> [..,M,N]; a vector is a matrix whose other dimension the result lacks (numpy.matmul).</summary>
    public static Dim[]? MatMul(TypedNode node)
    {
        if (node.Shape(0) is not { } a || node.Shape(1) is not { } b)
        {
            return null;
        }
        if (a.Length == 0 || b.Length == 0)
        {
            throw node.Refuse("a scalar found, expected a vector or more");
        }
        node.Same(a[^1], b[Math.Max(b.Length - 2, 0)]);
        var batch = ElementwiseShapes.Broadcast(node, a[..Math.Max(a.Length - 2, 0)], b[..Math.Max(b.Length - 2, 0)])!;
        return [.. batch, .. a.Length > 1 ? (Dim[])[a[^2]] : [], .. b.Length > 1 ? (Dim[])[b[^1]] : []];
    }

    /// <summary>K.</summary>
    public static Dim Inner(TypedNode node) => node.Shape(0) is [.., var inner] ? inner : default;

    /// <summary>[M,K] [K,N] -> [M,N], each transposed where that is said.</summary>
    public static Dim[]? Gemm(TypedNode node)
    {
        if (node.Shape(0) is not [_, _] || node.Shape(1) is not [_, _])
        {
            return null;
        }
        var (a, b) = (Matrix(node, 0, "transA"), Matrix(node, 1, "transB"));
        node.Same(a.Columns, b.Rows);
        return [a.Rows, b.Columns];
    }

    /// <inheritdoc cref="Inner"/>
    public static Dim GemmInner(TypedNode node) => node.Shape(0) is [_, _] ? Matrix(node, 0, "transA").Columns : default;

    static (Dim Rows, Dim Columns) Matrix(TypedNode node, int input, string transposed) =>
        node.Shape(input) is [var rows, var columns] && node.Node.Number(transposed) == 0 ? (rows, columns) : (node.Shape(input)![1], node.Shape(input)![0]);
}
