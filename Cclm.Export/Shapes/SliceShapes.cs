namespace Cclm.Export;

/// <summary>Slices: which elements of an axis they take, and how many these are.</summary>
static class SliceShapes
{
    /// <summary>Each of the axes, by default the first ones, from its start to its end in steps.</summary>
    public static Dim[]? Slice(TypedNode node)
    {
        if (node.Shape(0) is not { } shape || node.ShapeIn(1) is not { } starts || node.ShapeIn(2) is not { } ends)
        {
            return node.Shape(0) is { Length: var rank } ? new Dim[rank] : null;
        }
        var axes = node.Has(3) ? node.Numbers(3) : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = node.Has(4) ? node.ShapeIn(4) : [.. starts.Select(_ => (Dim)1)];
        if (axes is null)
        {
            return new Dim[shape.Length];
        }
        if (ends.Length != starts.Length || axes.Length != starts.Length || (steps is not null && steps.Length != starts.Length))
        {
            throw node.Refuse($"{starts.Length} starts, {ends.Length} ends and {axes.Length} axes found, expected as many of each");
        }
        var sliced = (Dim[])shape.Clone();
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = node.Axis(axes[i], shape.Length);
            sliced[axis] = Length(shape[axis], starts[i], ends[i], steps is null ? default : steps[i]);
        }
        return sliced;
    }

    /// <summary>The elements of a vector that a slice of it takes; null where they are not known.</summary>
    public static Dim[]? Take(Dim[] vector, long start, long end, long step)
    {
        if (step == 0)
        {
            return null;
        }
        var (first, count) = Range(vector.Length, start, end, step);
        return [.. Enumerable.Range(0, (int)count).Select(i => vector[(int)(first + (i * step))])];
    }

    static Dim Length(Dim size, Dim start, Dim end, Dim step)
    {
        if (size.Number is { } n && start.Number is { } from && end.Number is { } to && step.Number is { } by)
        {
            return by == 0 ? default : Range(n, from, to, by).Count;
        }
        if (step.Number != 1 || start.Number is not >= 0)
        {
            return default;
        }
        var last = end.Number >= int.MaxValue ? size : end.Number < 0 ? size + end : end;
        return (last - size).Number <= 0 && (last - start) is { IsNatural: true } length ? length : default;
    }

    /// <summary>The first element and how many there are, of a dimension that is a number.</summary>
    static (long First, long Count) Range(long size, long start, long end, long step)
    {
        long Inside(long at, long lowest, long highest) => Math.Clamp(at < 0 ? at + size : at, lowest, Math.Max(lowest, highest));
        var (first, last) = step > 0 ? (Inside(start, 0, size), Inside(end, 0, size)) : (Inside(start, 0, size - 1), Inside(end, -1, size - 1));
        var count = ((Int128)last - first + step - Math.Sign(step)) / step;
        return (first, size == 0 ? 0 : (long)Int128.Max(count, 0));
    }
}
