using System.Globalization;
using Onnx;

namespace Cclm.Export;

/// <summary>What one run of a model takes at given sizes: an estimate from its shapes, before anything is run.</summary>
/// <remarks>
/// Work is the multiply-adds of matrix products and convolutions, which is nearly all of it. Activations are the edges that depend on the model's inputs, each in memory of its own
/// from the node that makes it to the last that reads it, in the file's order; inputs and outputs stay. A runtime that fuses nodes or writes in place needs less.
/// </remarks>
/// <param name="Sizes">The numbers that symbolic dimensions stand for.</param>
/// <param name="Parts">The parts of a composed model, and what joins them under <see cref="Rest"/>; none of another model.</param>
/// <param name="All">The whole model. Its peak is below the sum of its parts' peaks.</param>
/// <param name="UnknownEdges">How many edges are not counted, because their size does not follow from the numbers: in bodies, of texts, of unknown operators.</param>
public sealed record ModelCost(IReadOnlyDictionary<string, long> Sizes, IReadOnlyList<PartCost> Parts, PartCost All, int UnknownEdges)
{
    /// <summary>The name of what belongs to no part: pooling, joins, the encoding of text.</summary>
    public const string Rest = "rest";

    /// <summary>Estimates what a run takes.</summary>
    /// <param name="model">Any model.</param>
    /// <param name="sizes">Numbers for the symbolic dimensions, in the order in which inputs and outputs name them: batch and length for CCLM's models.</param>
    /// <exception cref="ArgumentException">There are more numbers than symbolic dimensions, or one is not positive.</exception>
    /// <exception cref="OnnxModelException">The model is unsound, contradicts itself, or can not run at these sizes.</exception>
    public static ModelCost Of(ModelProto model, params ReadOnlySpan<long> sizes)
    {
        ModelCheck.EnsureStructure(model, "model");
        var bound = Bind(model.Graph, sizes);
        var graph = new CostGraph(model, bound);
        string[] paths = ModelProperties.Read(model).ContainsKey("cclm.format") ? [.. ModelProperties.Metadata(model).Parts.Select(part => part.Path)] : [];
        PartCost Cost(string name, Func<string, bool> isIn) => new(name, graph.MultiplyAdds(isIn), graph.WeightBytes(isIn), graph.PeakBytes(isIn));
        Func<string, bool> In(string path) => edge => edge.StartsWith($"{path}.", StringComparison.Ordinal);
        var parts = paths.Select(path => Cost(path, In(path)));
        return new(bound, paths.Length == 0 ? [] : [.. parts, Cost(Rest, edge => !paths.Any(path => In(path)(edge)))], Cost("all", _ => true), graph.UnknownEdges);
    }

    /// <summary>The cost as a table.</summary>
    internal SummaryTable ToTable() => new(
        [$"at {string.Join(", ", Sizes.Select(size => $"{size.Key}={size.Value}"))}", "GFLOP", "bytes of weights", "bytes of activations (peak)"],
        [.. Parts.Append(All).Select(Row), .. UnknownEdges > 0 ? (string[][])[[$"not counted: {SummaryTable.Number(UnknownEdges)} edges of unknown size", "", "", ""]] : []]);

    static string[] Row(PartCost part) =>
        [part.Name, part.GigaFlop.ToString("G4", CultureInfo.InvariantCulture), SummaryTable.Number(part.WeightBytes), SummaryTable.Number(part.ActivationBytes)];

    static Dictionary<string, long> Bind(GraphProto graph, ReadOnlySpan<long> sizes)
    {
        string[] symbols = [.. graph.Input.Concat(graph.Output).SelectMany(info => info.Type?.TensorType?.Shape?.Dim ?? []).Select(dim => dim.DimParam).Where(symbol => symbol.Length > 0).Distinct()];
        var found = string.Join('x', sizes.ToArray());
        if (sizes.Length > symbols.Length || sizes.ContainsAnyInRange(long.MinValue, 0))
        {
            throw new ArgumentException($"{found} found; expected up to {symbols.Length} numbers from 1 on, for the model's dimensions {string.Join(", ", symbols)}.", nameof(sizes));
        }
        return symbols.Zip(sizes.ToArray()).ToDictionary(pair => pair.First, pair => pair.Second);
    }
}

/// <summary>What one part takes of a run.</summary>
/// <param name="Name">The part's path, such as <c>towers.topic</c>.</param>
/// <param name="MultiplyAdds">In matrix products and convolutions.</param>
/// <param name="WeightBytes">Of its weights.</param>
/// <param name="ActivationBytes">The most that its edges take at one time.</param>
public sealed record PartCost(string Name, long MultiplyAdds, long WeightBytes, long ActivationBytes)
{
    /// <summary>10^9 operations, a multiply-add being two.</summary>
    public double GigaFlop => MultiplyAdds / 5e8;
}
