using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Stitches an embedder and its towers to one model that runs the embedder once.</summary>
/// <remarks>
/// <c>compose(e, a, b)(ids) = concat(a(e(ids)), b(e(ids)))</c>. The embedder's names begin with <c>embedder.</c> and a tower's with
/// <c>towers.{name}.</c>, so that a composed model's weights are named as in the state_dict of the same model before its export. Two towers or
/// more are joined by one Concat on the last axis; one tower needs none. With pooling, each tower's own edge is pooled (<see cref="PoolingStage"/>).
/// </remarks>
public static class Composer
{
    /// <summary>Composes parts. They are not changed.</summary>
    /// <param name="embedder">An embedder, or a composed model in its place: ids [B,T] -> hidden [B,T,C], mask [B,T].</param>
    /// <param name="towers">Names (small letters, digits, underscores) and models: embedded [B,T,C], mask [B,T] -> hidden [B,T,C_i].</param>
    /// <param name="options">By default no pooling.</param>
    /// <returns>ids [B,T] -> hidden [B,T,sum C_i], mask [B,T], with pooling embedding [B,D], and logits_{name} of each head.</returns>
    /// <exception cref="OnnxModelException">A part is damaged, has not the inputs and outputs it should, or does not fit the others.</exception>
    /// <exception cref="ArgumentException">There is no tower, or a name is invalid or taken.</exception>
    public static ModelProto Compose(ModelProto embedder, IReadOnlyList<(string Name, ModelProto Model)> towers, CompositionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        ArgumentNullException.ThrowIfNull(towers);
        options ??= new();
        if (towers.Count == 0)
        {
            throw new ArgumentException("A composed model needs at least one tower; none was given.", nameof(towers));
        }
        EnsureNames("tower", towers);
        EnsureNames("head", options.Heads);
        var root = Part.Embedder(embedder);
        var parts = towers.Select(tower => Part.Tower(tower.Name, tower.Model)).ToArray();
        foreach (var tower in parts)
        {
            tower.EnsureFits(root, options.AllowOtherEmbedder);
        }
        var heads = options.Heads.Select(head => Part.Head(head.Name, head.Model)).ToArray();
        foreach (var head in heads)
        {
            head.EnsureReads(root, parts, options.AllowOtherEmbedder);
        }

        var graph = new OnnxGraph("composed");
        List<(string Path, Part Part, (string Input, Edge Value)[] Inputs)> joints = [];
        IReadOnlyDictionary<string, Edge> Include(string path, Part part, params (string Input, Edge Value)[] inputs)
        {
            joints.Add((path, part, inputs));
            return graph.Include(path, part.Model, inputs);
        }
        var ids = graph.Input(ModelNames.Ids, DataType.Int64, "B", "T");
        var shared = Include("embedder", root, (ModelNames.Ids, ids));
        var mask = shared[ModelNames.Mask];
        var hidden = parts.Select(tower => Include($"towers.{tower.Name}", tower,
            (ModelNames.Embedded, shared[ModelNames.Hidden]), (ModelNames.Mask, mask))[ModelNames.Hidden]).ToArray();
        var joined = Join(graph, hidden);
        graph.Output(ModelNames.Hidden, joined, "B", "T", $"{parts.Sum(tower => tower.Width)}");
        graph.Output(ModelNames.Mask, mask, DataType.Bool, "B", "T");
        if (options.Pooling is { } pooling)
        {
            var embedding = PoolingStage.Apply(graph, pooling, mask, [.. hidden.Zip(parts, (edge, tower) => (edge, tower.Width))]);
            graph.Output(ModelNames.Embedding, embedding, "B", $"{parts.Sum(tower => pooling.Width(tower.Width))}");
        }
        foreach (var head in heads)
        {
            var read = head.Metadata.Head!.Towers.Select(tower => Array.FindIndex(parts, part => part.Name == tower.Name)).ToArray();
            var said = read.SequenceEqual(Enumerable.Range(0, parts.Length)) ? joined : Join(graph, [.. read.Select(i => hidden[i])]);
            var logits = Include($"heads.{head.Name}", head, (ModelNames.Hidden, said), (ModelNames.Mask, mask))[ModelNames.LogitsOfHead];
            graph.Output(ModelNames.Logits(head.Name), logits, head.OfPositions ? ["B", "T", $"{head.Width}"] : ["B", $"{head.Width}"]);
        }
        var model = graph.ToModel();
        ModelProperties.Write(model, Describe(model, root, parts, heads, options.Pooling).ToProperties());
        ModelProperties.Write(model, [.. joints.Select(joint => PartRecord.Of(joint.Path, joint.Part.File, joint.Inputs, model))]);
        return model;
    }

    static Edge Join(OnnxGraph graph, Edge[] hidden) => hidden.Length == 1 ? hidden[0] : graph.Op("Concat", hidden, ("axis", -1));

    static ModelMetadata Describe(ModelProto model, Part root, Part[] towers, Part[] heads, PoolingOptions? pooling)
    {
        List<ModelPart> parts = [new("embedder", root.Metadata.Kind, root.Metadata.Weights)];
        int hidden = 0, embedding = 0;
        foreach (var tower in towers)
        {
            ModelSlice? pooled = pooling is null ? null : new(embedding, pooling.Width(tower.Width));
            parts.Add(new(tower.Name, tower.Metadata.Kind, tower.Metadata.Weights, new(hidden, tower.Width), pooled));
            (hidden, embedding) = (hidden + tower.Width, embedding + (pooled?.Width ?? 0));
        }
        return new()
        {
            Kind = "composed",
            Weights = WeightsHash.WithoutHeads(model),
            Vocabulary = root.Metadata.Vocabulary,
            Preprocessor = root.Metadata.Preprocessor,
            Pooling = pooling?.ToString(),
            Parts = [.. parts, .. heads.Select(head => new ModelPart(head.Name, head.Metadata.Kind, head.Metadata.Weights, Head: head.Metadata.Head))],
        };
    }

    static void EnsureNames(string kind, IReadOnlyList<(string Name, ModelProto Model)> parts)
    {
        var names = new HashSet<string>();
        foreach (var (name, _) in parts)
        {
            if (!ModelNames.IsTower(name))
            {
                throw new ArgumentException($"'{name}' is no name for a {kind}: it becomes part of the names of its weights, so it takes small letters, digits and " +
                    "underscores only.", nameof(parts));
            }
            if (!names.Add(name))
            {
                throw new ArgumentException($"Two {kind}s are named '{name}'. Give each a name of its own.", nameof(parts));
            }
        }
    }
}
