using Google.Protobuf;
using Google.Protobuf.Collections;
using Onnx;

namespace Cclm.Export;

/// <summary>A part's file without what stands in the composed graph already: there an empty message keeps the place, so that no weight is stored twice.</summary>
/// <remarks>
/// What the composed graph does not give back exactly stays in the rest as it was: nodes that were cut away, such as the pooling of a composed model that
/// became an embedder; a default of an input that is fed; types whose symbolic dimensions the joint renamed. So the rest is exact for any model.
/// </remarks>
static class PartRest
{
    /// <summary>Empties what the composed model gives back.</summary>
    public static ModelProto Take(ModelProto file, ModelProto composed, GraphProto given)
    {
        var rest = file.Clone();
        Empty(rest.Graph.Node, given.Node, NameOf);
        Empty(rest.Graph.Initializer, given.Initializer, tensor => tensor.Name);
        Empty(rest.Graph.SparseInitializer, given.SparseInitializer, NameOf);
        Empty(rest.Graph.ValueInfo, given.ValueInfo, value => value.Name);
        Empty(rest.Graph.QuantizationAnnotation, given.QuantizationAnnotation, annotation => annotation.TensorName);
        for (var i = 0; i < rest.Functions.Count; i++)
        {
            if (composed.Functions.Contains(rest.Functions[i]))
            {
                rest.Functions[i] = KeyOf(rest.Functions[i]);
            }
        }
        var properties = ModelProperties.Read(composed);
        foreach (var pair in rest.MetadataProps.Where(pair => pair.HasValue && properties.GetValueOrDefault(pair.Key) == pair.Value))
        {
            pair.ClearValue();      // the preprocessor: its vocabulary can be long
        }
        return rest;
    }

    /// <summary>Puts back what <see cref="Take"/> took; the rest becomes the file.</summary>
    /// <returns>Null where the composed graph has other nodes or weights in the part than it had.</returns>
    public static ModelProto? Fill(ModelProto rest, ModelProto composed, GraphProto given)
    {
        rest.Graph ??= new();
        var whole = Fill(rest.Graph.Node, given.Node, NameOf) == 0
            & Fill(rest.Graph.Initializer, given.Initializer, tensor => tensor.Name) == 0
            & Fill(rest.Graph.SparseInitializer, given.SparseInitializer, NameOf) == 0
            & Fill(rest.Graph.ValueInfo, given.ValueInfo, value => value.Name) >= 0         // parts that read the edge may say more of it, after this one
            & Fill(rest.Graph.QuantizationAnnotation, given.QuantizationAnnotation, annotation => annotation.TensorName) >= 0;
        for (var i = 0; i < rest.Functions.Count; i++)
        {
            rest.Functions[i] = composed.Functions.FirstOrDefault(function => KeyOf(function).Equals(rest.Functions[i]))?.Clone() ?? rest.Functions[i];
        }
        var properties = ModelProperties.Read(composed);
        foreach (var pair in rest.MetadataProps.Where(pair => !pair.HasValue && properties.ContainsKey(pair.Key)))
        {
            pair.Value = properties[pair.Key];
        }
        return whole ? rest : null;
    }

    /// <summary>What the composed graph has of the part, under the names of the part's file.</summary>
    public static GraphProto GivenBack(ModelProto composed, string path, IReadOnlyDictionary<string, string> inputs)
    {
        var prefix = $"{path}.";
        bool IsOwn(string name) => name.StartsWith(prefix, StringComparison.Ordinal);
        var (from, given) = (composed.Graph, new GraphProto());
        given.Node.Add(from.Node.Where(node => IsOwn(NameOf(node))));
        given.Initializer.Add(from.Initializer.Where(tensor => IsOwn(tensor.Name)));
        given.SparseInitializer.Add(from.SparseInitializer.Where(sparse => IsOwn(NameOf(sparse))));
        given.ValueInfo.Add(from.ValueInfo.Where(value => IsOwn(value.Name)));
        given.QuantizationAnnotation.Add(from.QuantizationAnnotation.Where(annotation => IsOwn(annotation.TensorName)));
        given = given.Clone();
        Renaming.OutOf(prefix, inputs.Where(input => input.Value is not null).DistinctBy(input => input.Value).ToDictionary(input => input.Value, input => input.Key)).Apply(given);
        return given;
    }

    /// <summary>Names of the nodes, by what they make, and of the weights.</summary>
    public static IEnumerable<string> NamesOf(GraphProto graph) => graph.Node.Select(NameOf).Concat(graph.Initializer.Select(tensor => tensor.Name)).Concat(graph.SparseInitializer.Select(NameOf));

    /// <summary>The graph without some nodes and weights.</summary>
    public static GraphProto Without(GraphProto graph, IReadOnlyList<string> names)
    {
        graph.Node.Keep(node => !names.Contains(NameOf(node)));
        graph.Initializer.Keep(tensor => !names.Contains(tensor.Name));
        graph.SparseInitializer.Keep(sparse => !names.Contains(NameOf(sparse)));
        return graph;
    }

    static void Empty<T>(RepeatedField<T> whole, IEnumerable<T> given, Func<T, string> name) where T : class, IMessage<T>, new()
    {
        var next = new Queue<T>(given);
        for (var i = 0; i < whole.Count; i++)
        {
            if (next.TryPeek(out var candidate) && name(candidate) == name(whole[i]) && next.Dequeue().Equals(whole[i]))
            {
                whole[i] = new();
            }
        }
    }

    /// <summary>Fills the places in order.</summary>
    /// <returns>How many are left that there was no place for; -1 where there were too few.</returns>
    static int Fill<T>(RepeatedField<T> places, IEnumerable<T> given, Func<T, string> name) where T : class, IMessage<T>, new()
    {
        var next = new Queue<T>(given);
        for (var i = 0; i < places.Count; i++)
        {
            var empty = places[i].CalculateSize() == 0;
            if (next.TryPeek(out var candidate) && (empty || name(candidate) == name(places[i])))
            {
                next.Dequeue();
                places[i] = empty ? candidate : places[i];
            }
            else if (empty)
            {
                return -1;
            }
        }
        return next.Count;
    }

    /// <summary>A node by the first edge that it makes: its own name may be missing.</summary>
    static string NameOf(NodeProto node) => node.Output.FirstOrDefault(output => output.Length > 0) ?? "";

    static string NameOf(SparseTensorProto sparse) => sparse.Values?.Name ?? "";

    static FunctionProto KeyOf(FunctionProto function)
    {
        var key = new FunctionProto { Name = function.Name, Domain = function.Domain };
        if (function.HasOverload)
        {
            key.Overload = function.Overload;
        }
        return key;
    }
}
