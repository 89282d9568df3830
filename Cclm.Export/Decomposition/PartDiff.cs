using Onnx;

namespace Cclm.Export;

/// <summary>How a part differs between two models.</summary>
/// <param name="Part"><c>embedder</c>, <c>towers.{name}</c> or <c>heads.{name}</c>; the kind of a part that is a file of its own.</param>
/// <param name="Change">What became of it.</param>
public sealed record PartDiff(string Part, PartChange Change)
{
    /// <summary>Whether it stands at another place among the parts that both models have.</summary>
    public bool Moved { get; init; }

    /// <summary>Whether its nodes differ, and not its weights alone.</summary>
    public bool GraphChanged { get; init; }

    /// <summary>The L2 norm of the difference of its weights over that of the earlier ones, of all tensors that have the same shape in both; null where there is none.</summary>
    public double? RelativeChange { get; init; }

    /// <summary>The tensors that differ, those that changed most first; tensors of other shapes or that one model alone has go before all.</summary>
    public IReadOnlyList<TensorDiff> Tensors { get; init; } = [];

    internal static PartDiff Of(ModelProto before, ModelProto after, string part, string prefix)
    {
        var graphChanged = !NodesOf(before, prefix).SequenceEqual(NodesOf(after, prefix));
        if (WeightsHash.Of(before, prefix) == WeightsHash.Of(after, prefix))
        {
            return new(part, graphChanged ? PartChange.Changed : PartChange.Unchanged) { GraphChanged = graphChanged };
        }
        var (old, now) = (WeightsOf(before, prefix), WeightsOf(after, prefix));
        var (sum, squares) = (0.0, 0.0);
        var tensors = new List<TensorDiff>();
        foreach (var name in old.Keys.Union(now.Keys))
        {
            var tensor = TensorDiff.Of(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name), out var difference);
            (sum, squares) = (sum + difference.Difference, squares + difference.Before);
            if (tensor is not null)
            {
                tensors.Add(tensor);
            }
        }
        return new(part, PartChange.Changed)
        {
            GraphChanged = graphChanged,
            RelativeChange = TensorDiff.Ratio(sum, squares),
            Tensors = [.. tensors.OrderByDescending(tensor => tensor.RelativeChange ?? double.PositiveInfinity).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)],
        };
    }

    static Dictionary<string, TensorProto> WeightsOf(ModelProto model, string prefix) => model.Graph.Initializer
        .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(tensor => tensor.Name[prefix.Length..]);

    /// <summary>The part's nodes; what they read of other parts has other names when those change, which is no change of this one.</summary>
    static IEnumerable<NodeProto> NodesOf(ModelProto model, string prefix)
    {
        foreach (var node in model.Graph.Node.Where(node => node.Output.Any(output => output.StartsWith(prefix, StringComparison.Ordinal))))
        {
            var own = node.Clone();
            for (var i = 0; i < own.Input.Count; i++)
            {
                own.Input[i] = own.Input[i].StartsWith(prefix, StringComparison.Ordinal) ? own.Input[i] : "";
            }
            yield return own;
        }
    }
}
