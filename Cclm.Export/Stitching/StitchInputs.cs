using Onnx;
using static Onnx.TensorShapeProto.Types;

namespace Cclm.Export;

/// <summary>The inputs of a whole: those of its parts that no part feeds.</summary>
/// <param name="graph">The whole.</param>
/// <param name="shares">Whether those of one name are one.</param>
sealed class StitchInputs(OnnxGraph graph, bool shares)
{
    readonly Dictionary<string, Edge> shared = [];
    readonly Dictionary<string, string> symbols = [];       // whose each symbolic dimension is

    /// <summary>The input that feeds a part's.</summary>
    /// <param name="part">The part.</param>
    /// <param name="input">Its input.</param>
    /// <param name="same">All inputs of this name that nothing feeds, its own among them.</param>
    public Edge For(string part, ValueInfoProto input, IEnumerable<(string Part, ValueInfoProto Input)> same)
    {
        if (!shares)
        {
            return Add(part, same.Count() == 1 ? input.Name : $"{part}.{input.Name}", input, []);
        }
        if (!shared.TryGetValue(input.Name, out var edge))
        {
            shared.Add(input.Name, edge = Add(part, input.Name, input, same.Where(other => other.Part != part).Select(other => other.Input)));
        }
        return edge;
    }

    /// <summary>Adds an input; what another that is the same says of a dimension as a number is known of it too.</summary>
    Edge Add(string part, string name, ValueInfoProto input, IEnumerable<ValueInfoProto> others)
    {
        var added = input.Clone();
        var dims = added.Type?.TensorType?.Shape?.Dim;
        for (var i = 0; i < dims?.Count; i++)
        {
            if (!dims[i].HasDimValue && others.Select(other => other.Type?.TensorType?.Shape?.Dim).FirstOrDefault(other => other?.Count == dims.Count && other[i].HasDimValue) is { } known)
            {
                dims[i] = known[i].Clone();
            }
            else if (dims[i].HasDimParam && symbols.TryAdd(dims[i].DimParam, part) is false && symbols[dims[i].DimParam] != part)
            {
                dims[i] = new Dimension { DimParam = $"{part}.{dims[i].DimParam}" };        // another part's, which may be another number
            }
        }
        return graph.Input(name, added.Type ?? throw new OnnxModelException($"Input '{input.Name}' of part '{part}' has no type. Export the part with the types of its inputs."));
    }
}
