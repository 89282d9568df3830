using Onnx;

namespace Cclm.Export;

/// <summary>The structural check of a model: closed, ordered, unique names, known operator sets, whole and finite weights.</summary>
/// <remarks>
/// It follows the standard's rules for graphs (docs/IR.md: single assignment, topological order, scopes of nested graphs) without
/// knowing any operator, so that it holds for every operator set. Types are checked where parts are joined, and by the runtime.
/// </remarks>
public static class ModelCheck
{
    /// <summary>Everything that is wrong, each as a sentence that names the part and the node; empty for a sound model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="part">What to call the model in the sentences.</param>
    public static IReadOnlyList<string> Problems(ModelProto model, string part = "model") => Problems(model, part, withWeights: true);

    /// <summary>Refuses an unsound model.</summary>
    /// <exception cref="OnnxModelException">With the first of its <see cref="Problems(ModelProto, string)"/>, and how many there are.</exception>
    public static void Ensure(ModelProto model, string part = "model") => Ensure(Problems(model, part));

    /// <summary>Refuses a model that is unsound but for its weights, which are not read.</summary>
    /// <inheritdoc cref="Ensure(ModelProto, string)"/>
    internal static void EnsureStructure(ModelProto model, string part) => Ensure(Problems(model, part, withWeights: false));

    static void Ensure(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new OnnxModelException(problems.Count == 1 ? problems[0] : $"{problems[0]} ({problems.Count - 1} more problems)");
        }
    }

    static IReadOnlyList<string> Problems(ModelProto model, string part, bool withWeights)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Graph is null)
        {
            return [$"{part}: there is no graph in it."];
        }
        if (NestingCheck.Problem(model) is { } nesting)
        {
            return [$"{part}: {nesting}"];
        }
        var problems = new List<string>();
        CheckImports(model, problems);
        GraphCheck.Check(model.Graph, [], withWeights, problems);
        foreach (var function in model.Functions)
        {
            GraphCheck.Check(function, withWeights, problems);
        }
        FunctionCheck.Check(model.Functions, problems);
        CheckDomains(model, problems);
        return [.. problems.Select(problem => $"{part}: {problem}")];
    }

    static void CheckImports(ModelProto model, List<string> problems)
    {
        if (model.IrVersion is < 3 or > (long)Onnx.Version.IrVersion)
        {
            problems.Add($"IR version {model.IrVersion} is unknown; expected 3 to {(long)Onnx.Version.IrVersion}.");
        }
        foreach (var import in model.OpsetImport.Where(import => import.Version < 1))
        {
            problems.Add($"operator set {OperatorSets.Name(import.Domain)} has version {import.Version}; expected 1 or more.");
        }
        foreach (var domain in model.OpsetImport.CountBy(import => OperatorSets.Canonical(import.Domain)).Where(domain => domain.Value > 1))
        {
            problems.Add($"operator set {OperatorSets.Name(domain.Key)} is imported {domain.Value} times; expected once.");
        }
    }

    static void CheckDomains(ModelProto model, List<string> problems)
    {
        var imported = model.OpsetImport.Select(import => OperatorSets.Canonical(import.Domain)).ToHashSet();
        foreach (var node in model.Graph.Node.SelectMany(node => node.AndNested()))
        {
            if (!imported.Contains(OperatorSets.Canonical(node.Domain)))
            {
                problems.Add($"node '{node.Name}' ({node.OpType}) is of operator set {OperatorSets.Name(node.Domain)}, which the model does not import.");
            }
        }
    }
}
