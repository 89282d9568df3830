namespace Cclm.Export;

/// <summary>Shapes of operators that only lay elements out anew.</summary>
static class LayoutShapes
{
    /// <summary>The dimensions in the order of <c>perm</c>, by default backwards.</summary>
    public static Dim[]? Transpose(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return null;
        }
        var order = node.Node.Numbers("perm");
        if (order.Count == 0)
        {
            return [.. shape.Reverse()];
        }
        return order.Count == shape.Length && order.Distinct().Count() == order.Count ? [.. order.Select(axis => shape[node.Axis(axis, shape.Length)])]
            : throw node.Refuse($"perm {string.Join(',', order.Take(EdgeType.Most))} found, expected each axis once");
    }

    /// <summary>Without the axes, or without all dimensions that are 1.</summary>
    public static Dim[]? Squeeze(TypedNode node)
    {
        if (node.Shape(0) is not { } shape || node.Axes(1) is not { } axes)
        {
            return null;
        }
        if (axes.Length == 0 && !node.Has(1))
        {
            return shape.All(dim => dim.Number is not null) ? [.. shape.Where(dim => dim.Number != 1)] : null;
        }
        var dropped = axes.Select(axis => node.Axis(axis, shape.Length)).ToHashSet();
        foreach (var axis in dropped)
        {
            node.Same(shape[axis], 1);
        }
        return [.. shape.Where((_, i) => !dropped.Contains(i))];
    }

    /// <summary>With a 1 at each of the axes, which count in the result.</summary>
    public static Dim[]? Unsqueeze(TypedNode node)
    {
        if (node.Shape(0) is not { } shape || node.Axes(1) is not { } axes)
        {
            return null;
        }
        var rank = shape.Length + axes.Length;
        var added = axes.Select(axis => node.Axis(axis, rank)).ToHashSet();
        if (added.Count < axes.Length)
        {
            throw node.Refuse($"axes {string.Join(',', axes.Take(EdgeType.Most))} found, expected each once");
        }
        var dims = new Queue<Dim>(shape);
        return [.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? 1 : dims.Dequeue())];
    }

    /// <summary>One after the other on an axis; all other dimensions are the same.</summary>
    public static Dim[]? Concat(TypedNode node)
    {
        if (node.Count == 0 || Enumerable.Range(0, node.Count).Any(i => node.Shape(i) is null))
        {
            return null;
        }
        var all = (Dim[])node.Shape(0)!.Clone();
        var axis = node.Axis(node.Node.Number("axis"), all.Length);
        for (var i = 1; i < node.Count; i++)
        {
            var next = node.Shape(i)!;
            if (next.Length != all.Length)
            {
                throw node.Refuse($"ranks {all.Length} and {next.Length} found, expected equal ones");
            }
            all = [.. all.Zip(next, (a, b) => (a, b)).Select((pair, at) => at == axis ? pair.a + pair.b : node.Same(pair.a, pair.b))];
        }
        return all;
    }

    /// <summary>As many parts as outputs, of given sizes or of equal ones, of which the last may be smaller.</summary>
    public static IReadOnlyList<Dim[]?> Split(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return [];
        }
        var (axis, count) = (node.Axis(node.Node.Number("axis"), shape.Length), node.Node.Output.Count);
        var sizes = node.Has(1) ? node[1].Values : [.. node.Node.Numbers("split").Select(size => (Dim)size)];
        var each = (shape[axis] + (count - 1)) / count;
        Dim Size(int part) => sizes is null ? default
            : sizes.Length > 0 ? sizes.ElementAtOrDefault(part)
            : shape[axis].Number is null ? default
            : part < count - 1 ? each : shape[axis] - (each * (count - 1));
        return [.. Enumerable.Range(0, count).Select(part => shape.Select((dim, i) => i == axis ? Size(part) : dim).ToArray())];
    }

    /// <summary>Longer by what is put before and after each axis.</summary>
    public static Dim[]? Pad(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return null;
        }
        var axes = node.Has(3) ? node.Numbers(3) : [.. Enumerable.Range(0, shape.Length).Select(i => (long)i)];
        if (axes is null || node[1].Values is not { } pads)
        {
            return new Dim[shape.Length];
        }
        if (pads.Length != 2 * axes.Length)
        {
            throw node.Refuse($"{pads.Length} paddings found, expected {2 * axes.Length}");
        }
        var padded = (Dim[])shape.Clone();
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = node.Axis(axes[i], shape.Length);
            padded[axis] = padded[axis] + pads[i] + pads[i + axes.Length];
        }
        return padded;
    }

    /// <summary>Each dimension as often as is said.</summary>
    public static Dim[]? Tile(TypedNode node) => node.Shape(0) is { } shape && node.ShapeIn(1) is { } repeats
        ? repeats.Length == shape.Length ? [.. shape.Zip(repeats, (dim, times) => dim * times)] : throw node.Refuse($"{repeats.Length} repeats found, expected {shape.Length}")
        : null;
}
