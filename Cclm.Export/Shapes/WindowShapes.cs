namespace Cclm.Export;

/// <summary>Shapes of operators that see windows of their input: convolutions and pooling over [N,C,..].</summary>
static class WindowShapes
{
    /// <summary>[N,C,..], weights [M,C / groups,kernel..] -> [N,M,..].</summary>
    public static Dim[]? Conv(TypedNode node)
    {
        if (node.Shape(0) is not [var batch, var channels, .. var space] || node.Shape(1) is not [var filters, var read, .. var kernel])
        {
            return null;
        }
        if (kernel.Length != space.Length)
        {
            throw node.Refuse($"a kernel of {kernel.Length} dimensions found, expected {space.Length}");
        }
        node.Same(channels, read * node.Node.Number("group", 1));
        return [batch, filters, .. Slide(node, space, kernel)];
    }

    /// <summary>Channels by kernel.</summary>
    public static Dim ConvTerms(TypedNode node) =>
        node.Shape(1) is [_, .. var terms] ? terms.Aggregate((Dim)1, (product, dim) => product * dim) : default;

    /// <summary>[N,C,..] -> [N,C,..], for indices of maxima too.</summary>
    public static IReadOnlyList<Dim[]?> Pool(TypedNode node)
    {
        Dim[] kernel = [.. node.Node.Numbers("kernel_shape").Select(size => (Dim)size)];
        if (node.Shape(0) is not [var batch, var channels, .. var space])
        {
            return [];
        }
        if (kernel.Length != space.Length)
        {
            throw node.Refuse($"a kernel of {kernel.Length} dimensions found, expected {space.Length}");
        }
        Dim[] pooled = [batch, channels, .. Slide(node, space, kernel)];
        return [pooled, pooled];
    }

    static IEnumerable<Dim> Slide(TypedNode node, Dim[] space, Dim[] kernel)
    {
        var (strides, dilations, pads) = (node.Node.Numbers("strides"), node.Node.Numbers("dilations"), node.Node.Numbers("pads"));
        var padding = node.Node.Attribute.FirstOrDefault(attribute => attribute.Name == "auto_pad")?.S.ToStringUtf8() ?? "NOTSET";
        long At(IReadOnlyList<long> numbers, int i, long without) => numbers.Count > i ? numbers[i] : without;
        return space.Select((size, i) =>
        {
            var stride = At(strides, i, 1);
            var reach = (kernel[i] - 1) * At(dilations, i, 1);
            return padding switch
            {
                _ when stride < 1 || node.Node.Number("ceil_mode") != 0 => default,
                "SAME_UPPER" or "SAME_LOWER" => Steps(size - 1, stride),
                "VALID" => Steps(size - 1 - reach, stride),
                _ => Steps(size - 1 - reach + At(pads, i, 0) + At(pads, i + space.Length, 0), stride),
            };
        });
    }

    /// <summary>How many windows there are where the last can begin so far behind the first.</summary>
    static Dim Steps(Dim last, long stride) => stride == 1 || last.IsNatural ? (last / stride) + 1 : default;
}
