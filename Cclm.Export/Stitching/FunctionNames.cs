using Onnx;

namespace Cclm.Export;

/// <summary>Gives a model's functions other names, where they are defined and wherever they are called.</summary>
/// <param name="names">The new name of each function that gets one, by domain, name and overload.</param>
sealed class FunctionNames(IReadOnlyDictionary<(string Domain, string Name, string Overload), string> names)
{
    /// <returns>A copy.</returns>
    public ModelProto Apply(ModelProto model)
    {
        var renamed = model.Clone();
        foreach (var function in renamed.Functions)
        {
            if (names.TryGetValue((function.Domain, function.Name, function.Overload), out var name))
            {
                function.Name = name;
            }
        }
        foreach (var node in renamed.Functions.SelectMany(function => function.Node).Concat(renamed.Graph.Node).SelectMany(node => node.AndNested()))
        {
            if (names.TryGetValue((node.Domain, node.OpType, node.Overload), out var name))
            {
                node.OpType = name;
            }
        }
        return renamed;
    }
}
