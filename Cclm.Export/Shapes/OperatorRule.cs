namespace Cclm.Export;

/// <summary>What is known of an operator.</summary>
/// <param name="Shapes">The shapes of its outputs; null for one whose rank is not known. There may be fewer than outputs: the rest is not known.</param>
sealed record OperatorRule(Func<TypedNode, IReadOnlyList<Dim[]?>> Shapes)
{
    /// <param name="shape">The shape of the first output.</param>
    public OperatorRule(Func<TypedNode, Dim[]?> shape) : this(node => (Dim[]?[])[shape(node)])
    {
    }

    /// <summary>The operator set from which on the rule holds.</summary>
    public long Since { get; init; } = 1;

    /// <summary>How many products are summed for one element of the output; null for operators that are no products.</summary>
    public Func<TypedNode, Dim>? Terms { get; init; }
}
