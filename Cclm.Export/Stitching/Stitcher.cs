using Onnx;

namespace Cclm.Export;

/// <summary>Stitches any number of models to one, by names.</summary>
/// <remarks>
/// Every part keeps its own names behind its name: <c>encoder.up.weight</c>. What a part is of is raised to the newest operator set of all
/// (<see cref="VersionConversion"/>). Parts run in an order that the wires allow; where several do, in the order in which they are given.
/// For graphs that are more than parts and wires, include the parts in an <see cref="OnnxGraph"/> with <see cref="OnnxGraph.Include"/>.
/// </remarks>
public static class Stitcher
{
    /// <summary>Stitches parts. They are not changed, and their weights are not copied.</summary>
    /// <param name="parts">Names, which become the beginnings of names in the whole, and models.</param>
    /// <param name="wires">Which output feeds which input. An output can feed any number of inputs, an input is fed once.</param>
    /// <param name="options">What becomes of the inputs that nothing feeds, and of the outputs.</param>
    /// <returns>
    /// The whole. Inputs that nothing feeds are its inputs, under their own names where those are free, else behind the part's; so are outputs.
    /// The parts' <c>metadata_props</c> are its own behind the part's name, and their doc strings are lines of its.
    /// </returns>
    /// <exception cref="OnnxModelException">A part is damaged, or an edge does not fit the input that it feeds.</exception>
    /// <exception cref="ArgumentException">There is no part, a name is taken or unknown, an input is fed twice, or parts feed each other in a circle.</exception>
    public static ModelProto Stitch(IReadOnlyList<(string Name, ModelProto Model)> parts, IReadOnlyList<Wire> wires, StitchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(wires);
        options ??= new();
        var plan = new StitchPlan(parts, wires);
        var graph = new OnnxGraph("stitched") { SharesEqualWeights = options.ShareEqualWeights };
        var inputs = new StitchInputs(graph, options.ShareInputs);
        var edges = new Dictionary<(string Part, string Output), Edge>();
        foreach (var (name, model) in plan.InOrder())
        {
            var fed = model.Graph.Input.Select(input => plan.Feeder(name, input.Name) is { } feeder ? (input.Name, edges[feeder])
                : model.Graph.Defaults(input.Name) ? default : (input.Name, inputs.For(name, input, plan.Unfed(input.Name)))).Where(input => input.Item1 is not null).ToArray();
            foreach (var (output, edge) in graph.Include(name, model, fed))
            {
                edges.Add((name, output), edge);
            }
        }
        foreach (var (title, part, output) in plan.Outputs(options.Outputs))
        {
            graph.Output(title, edges[(part, output)]);
        }
        var whole = graph.ToModel();
        ModelProperties.Write(whole, parts.SelectMany(part => ModelProperties.Read(part.Model).Select(pair => KeyValuePair.Create($"{part.Name}.{pair.Key}", pair.Value))));
        whole.DocString = string.Join('\n', parts.Where(part => part.Model.DocString.Length > 0).Select(part => $"{part.Name}: {part.Model.DocString}"));
        return whole;
    }
}
