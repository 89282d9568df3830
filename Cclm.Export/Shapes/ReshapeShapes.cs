namespace Cclm.Export;

/// <summary>Shapes of operators that give the same elements other dimensions.</summary>
static class ReshapeShapes
{
    /// <summary>The shape that is the second input, in which 0 is the dimension of the first input there, and -1 what is left of its elements.</summary>
    /// <remarks>A symbol in it is taken to be no 0, as the standard's own inference takes it.</remarks>
    public static Dim[]? Reshape(TypedNode node)
    {
        if (node.ShapeIn(1) is not { } target)
        {
            return null;
        }
        var (shape, copies) = (node.Shape(0), node.Node.Number("allowzero") == 0);
        bool IsCopied(int i) => copies && target[i].Number == 0;
        if (shape is not null && Enumerable.Range(0, target.Length).Any(i => IsCopied(i) && i >= shape.Length))
        {
            throw node.Refuse($"0 for dimension {shape.Length} or later found, expected none where the input has none");
        }
        Dim[] reshaped = [.. target.Select((dim, i) => IsCopied(i) ? shape is null ? default : shape[i] : dim)];
        if (shape is null)
        {
            return reshaped;
        }
        var open = Array.FindIndex(target, dim => dim.Number == -1);
        if (open >= 0)
        {
            reshaped[open] = Quotient(node, shape.Where((_, i) => i >= target.Length || !IsCopied(i)), reshaped.Where((_, i) => i != open && !IsCopied(i)));
        }
        if (Count(shape).Number is { } from && Count(reshaped).Number is { } to && from != to)
        {
            throw node.Refuse($"{from} elements found, expected {to} for {string.Join(',', reshaped.Select(dim => dim.Number))}");
        }
        return reshaped;
    }

    /// <summary>[a,b,..] -> [a..,..]: the dimensions before the axis as one, and those from it on.</summary>
    public static Dim[]? Flatten(TypedNode node)
    {
        if (node.Shape(0) is not { } shape)
        {
            return null;
        }
        var given = node.Node.Number("axis", 1);
        var axis = given == shape.Length ? shape.Length : node.Axis(given, shape.Length);
        return [Count(shape[..axis]), Count(shape[axis..])];
    }

    static Dim Count(IEnumerable<Dim> shape) => shape.Aggregate((Dim)1, (count, dim) => count * dim);

    /// <summary>What is left of the elements of some dimensions when others are taken out of them.</summary>
    static Dim Quotient(TypedNode node, IEnumerable<Dim> all, IEnumerable<Dim> taken)
    {
        var left = all.ToList();
        Dim divisor = 1;
        foreach (var dim in taken)
        {
            if (!dim.IsKnown || !left.Remove(dim))
            {
                divisor *= dim;
            }
        }
        var (number, symbols) = (Count(left.Where(dim => dim.Symbol is null)), left.Where(dim => dim.Symbol is not null).ToArray());
        if (number.Number is not { } count || divisor.Number is not { } parts || parts < 1)
        {
            return default;
        }
        return symbols.Length == 0 ? count % parts == 0 ? count / parts : throw node.Refuse($"{count} elements found, expected a multiple of {parts}")
            : symbols.Length == 1 && count == parts ? symbols[0] : default;
    }
}
