using Onnx;

namespace Cclm.Export;

/// <summary>Writes down the types of a model's edges: element type, rank, dimensions by number or by name.</summary>
/// <remarks>
/// It follows the operators that models are written with here and many more of the standard's; what an unknown operator makes stays unknown, and is never guessed. Shapes that
/// are computed (<c>Shape</c>, <c>Gather</c>, <c>Concat</c> before <c>Reshape</c>) are followed with their names. A new dimension that is no number gets no name.
/// </remarks>
public static class ShapeInference
{
    /// <summary>The model with a <c>value_info</c> for each edge whose element type is known. Its weights are shared, not copied.</summary>
    /// <param name="model">Any model; it is not changed.</param>
    /// <exception cref="OnnxModelException">The model is unsound, a node can not run on what it reads, or it makes something else than the model declares.</exception>
    public static ModelProto Infer(ModelProto model)
    {
        ModelCheck.EnsureStructure(model, "model");
        var types = new GraphTypes(model);
        var inferred = model.Clone();
        var graph = inferred.Graph;
        var there = graph.ValueInfo.Concat(graph.Output).GroupBy(info => info.Name).ToDictionary(same => same.Key, same => same.ToArray());
        foreach (var edge in graph.Node.SelectMany(node => node.Output).Where(edge => edge.Length > 0))
        {
            if (types[edge].ToProto() is not { } type)
            {
                continue;
            }
            if (!there.TryGetValue(edge, out var infos))
            {
                graph.ValueInfo.Add(new ValueInfoProto { Name = edge, Type = type });
            }
            foreach (var info in infos ?? [])
            {
                info.Type = type;
            }
        }
        return inferred;
    }
}
