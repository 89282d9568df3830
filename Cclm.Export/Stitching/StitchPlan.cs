using Onnx;

namespace Cclm.Export;

/// <summary>Who feeds whom, checked by names.</summary>
sealed class StitchPlan
{
    readonly IReadOnlyList<(string Name, ModelProto Model)> parts;
    readonly Dictionary<string, ModelProto> byName = [];
    readonly Dictionary<(string Part, string Input), (string Part, string Output)> feeders = [];

    public StitchPlan(IReadOnlyList<(string Name, ModelProto Model)> parts, IReadOnlyList<Wire> wires)
    {
        if (parts.Count == 0)
        {
            throw new ArgumentException("There is nothing to stitch; give one part or more.", nameof(parts));
        }
        this.parts = parts;
        foreach (var (name, model) in parts)
        {
            ModelCheck.EnsureStructure(model, $"part '{name}'");
            if (name.Length == 0 || !byName.TryAdd(name, model))
            {
                throw new ArgumentException(name.Length == 0 ? "A part has no name; its name goes before those of its edges." : $"Two parts are named '{name}'. Give each a name of its own.", nameof(parts));
            }
        }
        foreach (var wire in wires)
        {
            EnsureHas("output", wire.Part, wire.Output, model => model.Graph.Output.Select(output => output.Name));
            EnsureHas("input", wire.To, wire.Input, model => model.Graph.Input.Select(input => input.Name));
            if (!feeders.TryAdd((wire.To, wire.Input), (wire.Part, wire.Output)))
            {
                var (part, output) = feeders[(wire.To, wire.Input)];
                throw new ArgumentException($"Input '{wire.Input}' of part '{wire.To}' is fed by '{output}' of '{part}' and by '{wire.Output}' of '{wire.Part}'. Feed it once.", nameof(wires));
            }
        }
    }

    /// <summary>The output that feeds an input; null where none does.</summary>
    public (string Part, string Output)? Feeder(string part, string input) => feeders.TryGetValue((part, input), out var feeder) ? feeder : null;

    /// <summary>The inputs of a name that no wire feeds.</summary>
    public IEnumerable<(string Part, ValueInfoProto Input)> Unfed(string name) => parts.SelectMany(part => part.Model.Graph.Input
        .Where(input => input.Name == name && Feeder(part.Name, name) is null && !part.Model.Graph.Defaults(name)).Select(input => (part.Name, input)));

    /// <summary>The parts, each after those that feed it.</summary>
    public IEnumerable<(string Name, ModelProto Model)> InOrder()
    {
        var left = parts.ToList();
        while (left.Count > 0)
        {
            var next = left.FindIndex(part => !feeders.Any(wire => wire.Key.Part == part.Name && left.Exists(other => other.Name == wire.Value.Part)));
            if (next < 0)
            {
                throw new ArgumentException($"Parts {string.Join(", ", left.Select(part => $"'{part.Name}'"))} feed each other in a circle, or wait for those that do. Leave out a wire.", "wires");
            }
            yield return left[next];
            left.RemoveAt(next);
        }
    }

    /// <summary>The whole's outputs with their names there.</summary>
    public IEnumerable<(string Title, string Part, string Output)> Outputs(IReadOnlyList<(string Part, string Output)>? asked)
    {
        foreach (var (part, output) in asked ?? [])
        {
            EnsureHas("output", part, output, model => model.Graph.Output.Select(other => other.Name));
        }
        var used = feeders.Values.ToHashSet();
        var kept = asked ?? [.. parts.SelectMany(part => part.Model.Graph.Output.Select(output => (part.Name, output.Name))).Where(output => !used.Contains(output))];
        var names = kept.CountBy(output => output.Output).ToDictionary();
        return kept.Distinct().Select(output => (names[output.Output] == 1 ? output.Output : $"{output.Part}.{output.Output}", output.Part, output.Output));
    }

    void EnsureHas(string kind, string part, string name, Func<ModelProto, IEnumerable<string>> names)
    {
        if (!byName.TryGetValue(part, out var model))
        {
            throw new ArgumentException($"There is no part '{part}'; there are {string.Join(", ", parts.Select(other => $"'{other.Name}'"))}.");
        }
        if (!names(model).Contains(name))
        {
            throw new ArgumentException($"Part '{part}' has no {kind} '{name}'; it has {string.Join(", ", names(model).Select(other => $"'{other}'"))}.");
        }
    }
}
