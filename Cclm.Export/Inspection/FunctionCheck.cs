using Onnx;

namespace Cclm.Export;

/// <summary>The rules of a model's functions among each other: each has a name of its own, and none calls itself, directly or through others.</summary>
static class FunctionCheck
{
    /// <param name="functions">All functions of the model.</param>
    /// <param name="problems">Receives a sentence for each broken rule.</param>
    public static void Check(IReadOnlyCollection<FunctionProto> functions, List<string> problems)
    {
        var calls = new Dictionary<(string Domain, string Name, string Overload), HashSet<(string, string, string)>>();
        foreach (var function in functions)
        {
            var called = function.Node.SelectMany(node => node.AndNested()).Select(node => (OperatorSets.Canonical(node.Domain), node.OpType, node.Overload)).ToHashSet();
            if (!calls.TryAdd((OperatorSets.Canonical(function.Domain), function.Name, function.Overload), called))
            {
                problems.Add($"function '{function.Domain}.{function.Name}' is defined twice; expected every function to be defined once.");
            }
        }
        if (Recursive(calls) is { } recursive)
        {
            problems.Add($"function '{recursive.Domain}.{recursive.Name}' calls itself, directly or through others; expected calls that end.");
        }
    }

    /// <summary>Takes away what calls nothing that is left, until nothing is left but what calls itself and what calls that.</summary>
    static (string Domain, string Name, string Overload)? Recursive(Dictionary<(string Domain, string Name, string Overload), HashSet<(string, string, string)>> calls)
    {
        var callers = calls.SelectMany(call => call.Value.Where(calls.ContainsKey).Select(called => (called, call.Key))).ToLookup(pair => pair.called, pair => pair.Key);
        var open = calls.ToDictionary(call => call.Key, call => call.Value.Count(calls.ContainsKey));
        var ended = new Queue<(string, string, string)>(open.Where(call => call.Value == 0).Select(call => call.Key));
        while (ended.TryDequeue(out var function))
        {
            open.Remove(function);
            foreach (var caller in callers[function].Where(caller => --open[caller] == 0))
            {
                ended.Enqueue(caller);
            }
        }
        return open.Count > 0 ? open.Keys.First() : null;
    }
}
