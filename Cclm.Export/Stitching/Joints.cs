using Onnx;
using static Onnx.TensorShapeProto.Types;

namespace Cclm.Export;

/// <summary>Where a part's inputs meet the edges that feed them: the names and the dimensions that become one, and the checks that they can.</summary>
sealed class Joints(string part, GraphProto graph)
{
    readonly Dictionary<string, string> edges = [];
    readonly Dictionary<string, Dimension> symbols = [];

    /// <summary>The edge that feeds an input.</summary>
    public IReadOnlyDictionary<string, string> Edges => edges;

    /// <summary>What a symbolic dimension of the part is outside of it.</summary>
    public IReadOnlyDictionary<string, Dimension> Symbols => symbols;

    /// <exception cref="ArgumentException">The part has no such input, or it is fed twice.</exception>
    /// <exception cref="OnnxModelException">The edge's type is known and does not fit.</exception>
    public void Feed(string name, Edge edge, TypeProto? type)
    {
        var input = graph.Input.FirstOrDefault(input => input.Name == name) ?? throw new ArgumentException(
            $"Part '{part}' has no input '{name}'; it has {string.Join(", ", graph.Input.Select(input => $"'{input.Name}'"))}.", nameof(name));
        if (!edges.TryAdd(name, edge.Name))
        {
            throw new ArgumentException($"Input '{name}' of part '{part}' is fed by '{edges[name]}' and by '{edge.Name}'. Feed it once.", nameof(name));
        }
        if (type is not null && input.Type is { } expected && Mismatch(expected, type) is { } mismatch)
        {
            throw new OnnxModelException($"Part '{part}' reads '{name}' as {OnnxValues.Describe(expected)}, but edge '{edge.Name}' is " +
                $"{OnnxValues.Describe(type)}: {mismatch}. Feed it another edge, or export the part for this one.");
        }
    }

    /// <exception cref="OnnxModelException">An input without a default has no edge.</exception>
    public void EnsureAllFed()
    {
        var fed = edges.Keys.Concat(graph.Initializer.Select(tensor => tensor.Name)).ToHashSet();
        if (graph.Input.FirstOrDefault(input => !fed.Contains(input.Name)) is { } hungry)
        {
            throw new OnnxModelException($"Nothing feeds input '{hungry.Name}' ({OnnxValues.Describe(hungry.Type)}) of part '{part}'. Wire an edge to it.");
        }
    }

    string? Mismatch(TypeProto expected, TypeProto found)
    {
        if (expected.ValueCase != found.ValueCase)
        {
            return "they are different kinds of value";
        }
        if (expected.TensorType is not { } tensor)
        {
            return null;
        }
        if (tensor.ElemType != found.TensorType.ElemType)
        {
            return "the element types differ";
        }
        if (tensor.Shape is not { } shape || found.TensorType.Shape is not { } foundShape)
        {
            return null;
        }
        return shape.Dim.Count != foundShape.Dim.Count
            ? $"the rank is {foundShape.Dim.Count}, not {shape.Dim.Count}"
            : shape.Dim.Zip(foundShape.Dim, Unify).FirstOrDefault(mismatch => mismatch is not null);
    }

    /// <summary>Makes a dimension of the part one with the dimension outside; the first to bind a symbol names it, a number is stronger than a name.</summary>
    string? Unify(Dimension inside, Dimension outside)
    {
        var symbol = inside.HasDimParam ? inside.DimParam : "";
        var known = symbols.GetValueOrDefault(symbol, inside);
        if (known.HasDimValue && outside.HasDimValue && known.DimValue != outside.DimValue)
        {
            return symbol.Length == 0 ? $"dimension {inside.DimValue} meets {outside.DimValue}"
                : $"dimension '{symbol}' is {known.DimValue} elsewhere and {outside.DimValue} here";
        }
        if (symbol.Length > 0 && (outside.HasDimValue || (outside.HasDimParam && !symbols.ContainsKey(symbol))))
        {
            symbols[symbol] = outside;
        }
        return null;
    }
}
